/* Questions as forms: for now each stays the list that the page holds. */
