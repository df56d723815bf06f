"""What a person grades: the questions' rubrics, a class's answers, and the table of marks."""
