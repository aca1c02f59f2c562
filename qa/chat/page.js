// What the page does in the browser by itself: a marker opens its card at the sentence, and a new
// question moves to the top, so that an answer is read from its beginning.
() => {
  const lead = (target, { focus = true } = {}) => {
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    document.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
    target.classList.add("lit");
    target.scrollIntoView({ block: "nearest" });
    if (focus) target.focus({ preventScroll: true });
  };

  // A button that Gradio is about to show, or to make ready, is waited for.
  const press = (id, times) => {
    const button = document.getElementById(id);
    if (button && !button.disabled) button.click();
    else if (times) setTimeout(() => press(id, times - 1), 100);
  };

  // A mouse that rests on a marker opens its card too, where the card stands beside the answer.
  const beside = matchMedia("(hover: hover) and (min-width: 1000px)");
  document.addEventListener("mouseover", (event) => {
    const link = event.target.closest?.("#conversation a.marker");
    if (!link || !beside.matches) return;
    const resting = setTimeout(() => {
      const target = document.getElementById(link.hash.slice(1));
      if (target) lead(target, { focus: false });
    }, 300);
    link.addEventListener("mouseleave", () => clearTimeout(resting), { once: true });
  });

  document.addEventListener("click", (event) => {
    const off = event.target.closest("#conversation a.off");
    if (off) {
      event.preventDefault();
      press("plain", 50);
      return;
    }
    const rated = event.target.closest("a.rate");
    if (rated) {
      event.preventDefault();
      rate(rated);
      return;
    }
    const copied = event.target.closest("a.copy");
    if (copied) {
      event.preventDefault();
      copy(copied).catch(() => window.open(copied.href));
      return;
    }
    const link = event.target.closest("#conversation a[href^='#t']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    following = false;
    lead(target);
  });

  // Copy an answer with its references. Where a page may not write, the text opens instead.
  const copy = async (link) => {
    const text = link.title ? Promise.resolve(link.title) : fetch(link.href).then((reply) => reply.text());
    if (window.ClipboardItem && navigator.clipboard?.write) {
      const blob = text.then((copied) => new Blob([copied], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } else await navigator.clipboard.writeText(await text);
    const said = link.textContent;
    link.textContent = "Copied";
    setTimeout(() => (link.textContent = said), 2000);
  };

  // Whether an answer is right: sent at once, and again with a word of why.
  const rate = (link) => {
    const [where, said] = link.getAttribute("href").split("#");
    const send = (why) =>
      fetch(where, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ good: said === "Yes", why }),
      }).then((reply) => {
        if (!reply.ok) throw new Error(reply.status);
      });
    const form = document.createElement("form");
    form.className = "why";
    form.innerHTML =
      '<label>Noted. Why? <input name="why" maxlength="2000"></label><button>Send</button>';
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form.elements.why.value).then(() => (form.textContent = "Thank you. This stays on this server."));
    });
    send("").then(
      () => {
        link.parentElement.replaceChildren(form);
        form.elements.why.focus();
      },
      () => link.parentElement.append(" This could not be kept."),
    );
  };

  // Follow a new answer until its reader scrolls, clicks or types a key.
  let following = false;
  let questions = 0;
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"])
    document.addEventListener(kind, () => (following = false), { passive: true });

  new MutationObserver(() => {
    const asked = document.querySelectorAll("#conversation .question");
    if (asked.length > questions) following = true;
    questions = asked.length;
    if (following) asked[questions - 1]?.scrollIntoView({ block: "start" });
    // Gradio calls its examples a list, whose items they would have to be, and labels each message with the
    // source of its HTML, which nobody wants read aloud.
    for (const list of document.querySelectorAll("#conversation .examples[role='list']"))
      list.setAttribute("role", "group");
    for (const message of document.querySelectorAll("#conversation [data-testid][aria-label*='<']"))
      message.setAttribute("aria-label", message.dataset.testid === "user" ? "Question" : "Answer");
  }).observe(document.body, { childList: true, subtree: true });
}
