// A download that takes a while to be made: says so next to its link until it is there, and says why where it is not.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-waiting]");
  if (!link) return;
  event.preventDefault();
  const status = link.closest("p").querySelector("[role=status]");
  status.textContent = link.dataset.waiting;
  try {
    const answer = await fetch(link.href);
    if (answer.redirected) {
      location.reload(); // to the login
      return;
    }
    if (!answer.ok) throw new Error(await answer.text());
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
    const address = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    status.textContent = "";
  } catch (error) {
    status.textContent = error.message;
  }
});

// A form whose answer takes a while.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-waiting]");
  if (form) form.querySelector("[role=status]").textContent = form.dataset.waiting;
});
