/* The switchboard of the chapter "Conventions": shows what belongs to the four answers that are chosen, hides the rest.

Everything is in the page already, computed when it was built; [data-when] says to which answers a part belongs.
Without this script the switches stay hidden and the table of all cases is open. */

for (const board of document.querySelectorAll(".switchboard")) {
  const form = board.querySelector("form");
  const parts = [...board.querySelectorAll("[data-when]")];

  const show = () => {
    const chosen = new Set([...form.querySelectorAll("input:checked")].map((input) => input.value));
    const fits = (part) => part.dataset.when.split(" ").every((answer) => chosen.has(answer));
    for (const part of parts)
      if (part.matches("tr")) part.toggleAttribute("data-chosen", fits(part));
      else part.hidden = !fits(part);
    for (const button of form.querySelectorAll("button")) {
      const pressed = button.value.split(" ").every((answer) => chosen.has(answer));
      button.setAttribute("aria-pressed", pressed);
    }
  };

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    for (const answer of button.value.split(" ")) form.querySelector(`input[value="${answer}"]`).checked = true;
    show();
  });

  form.reset(); // a browser may remember what was chosen before a page was loaded again
  show();
  form.hidden = false;
  board.querySelector(".shown").hidden = false;
  board.querySelector("details").open = false;
}
