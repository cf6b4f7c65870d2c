// Keeps the page as the files are, sizes the frames to their mails, and turns mails by keyboard. Nothing works only by it.
"use strict";

// Taller than any mail: a mail whose height is a part of its frame's would otherwise grow for ever.
const TALLEST = 30000;

function fit(frame) {
  const inside = frame.contentDocument;
  if (!inside || !inside.body) return;
  frame.style.height = "0px";
  frame.style.height = Math.min(inside.documentElement.scrollHeight, TALLEST) + "px";
}

function settle() {
  for (const frame of document.querySelectorAll("iframe")) {
    frame.addEventListener("load", () => fit(frame));
    if (frame.contentDocument && frame.contentDocument.readyState === "complete") fit(frame);
  }
  for (const select of document.querySelectorAll(".reader select")) {
    select.addEventListener("change", () => {
      const contact = select.form.elements.contact;
      if (contact) contact.value = "";
      select.form.submit();
    });
  }
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = document.querySelector("main"), then = page.querySelector("main");
  document.title = page.title;
  document.body.dataset.edition = page.body.dataset.edition;
  if (now.innerHTML === then.innerHTML) return;
  const across = document.querySelector(".drawing");
  const left = across ? across.scrollLeft : 0, down = window.scrollY;
  // Frames keep their heights while they load, so that the page does not jump.
  const heights = [...now.querySelectorAll("iframe")].map((frame) => frame.style.height);
  now.replaceWith(document.importNode(then, true));
  document.querySelectorAll("main iframe").forEach((frame, n) => {
    if (heights[n]) frame.style.height = heights[n];
  });
  const again = document.querySelector(".drawing");
  if (again) again.scrollLeft = left;
  window.scrollTo(0, down);
  settle();
}

function listen() {
  const live = document.querySelector(".live");
  const source = new EventSource("/live?seen=" + document.body.dataset.edition);
  source.addEventListener("edition", renew);
  source.onopen = () => { live.classList.remove("lost"); live.textContent = live.dataset.live; };
  source.onerror = () => { live.classList.add("lost"); live.textContent = live.dataset.lost; };
}

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return;
  if (at.closest && at.closest(".drawing")) return;
  const link = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
  if (link) { event.preventDefault(); location.href = link.href; }
});

settle();
listen();
