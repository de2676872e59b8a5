// What htmx does not do by itself: rest while nobody looks, catch up when somebody does again, and
// show errors of a form at once. Everything on the page works without this.
"use strict";
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) window.htmx.trigger("#poll", "again");
});
document.getElementById("failure")?.focus();
const upload = document.querySelector('form[enctype="multipart/form-data"]');
upload?.addEventListener("submit", () => {
  const button = upload.querySelector("button");
  button.textContent = "Sending…";
  button.disabled = true;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
