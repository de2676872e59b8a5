// Saves each answer when its fields change; Enter in the points goes on to the next answer.
"use strict";
const forms = [...document.querySelectorAll(".answers form")];
const entered = (form) => form.elements.points.value + "\n" + form.elements.comment.value;
const known = new Map(forms.map((form) => [form, entered(form)]));
const refused = new Map(); // entries that were refused are not sent twice
const running = new Map();

const tell = (form, text, isProblem) => {
  const state = form.querySelector(".state");
  state.textContent = text;
  state.classList.toggle("problem", isProblem);
};

const save = async (form) => {
  const sent = entered(form);
  if (known.get(form) === sent || refused.get(form) === sent) return;
  known.set(form, sent);
  tell(form, "saving …", false);
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    const said = await reply.json();
    if (!reply.ok) {
      refused.set(form, sent);
      throw new Error(said.problem);
    }
    form.elements.version.value = said.version;
    form.closest("article").className = "test answer " + (said.waits ? "waiting" : "passed");
    tell(form, said.notice || "saved", false);
  } catch (error) {
    known.delete(form);
    const reason = error instanceof TypeError || error instanceof SyntaxError ? "" : error.message;
    tell(form, reason || "Not saved: is `autograder questions` still running?", true);
  }
};

// One request after the other for each answer, so that the last entry wins.
const queue = (form) => {
  const next = (running.get(form) || Promise.resolve()).then(() => save(form));
  running.set(form, next);
  return next;
};

const go = (form, step) => {
  const next = forms[forms.indexOf(form) + step];
  if (next) {
    next.elements.points.focus();
    next.elements.points.select();
    next.closest("article").scrollIntoView({ block: "nearest" });
  }
};

for (const form of forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    queue(form);
    if (document.activeElement === form.elements.points) go(form, 1);
  });
  form.addEventListener("change", () => queue(form));
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      queue(form);
      go(form, 1);
    } else if (event.target === form.elements.points && event.key === "ArrowDown") {
      event.preventDefault();
      go(form, 1);
    } else if (event.target === form.elements.points && event.key === "ArrowUp") {
      event.preventDefault();
      go(form, -1);
    }
  });
}
addEventListener("beforeunload", (event) => {
  if (forms.some((form) => known.get(form) !== entered(form))) event.preventDefault();
});
