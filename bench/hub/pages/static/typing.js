/* A search that answers as one types: the page is asked anew, and what it found takes the place of
   what stood there. Without this the button does the same. */

const WAIT_MS = 150; // after the last letter

const form = document.querySelector("form[role=search]");
let waiting = 0;
let asked = null;

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(search, WAIT_MS);
}

async function search() {
  asked?.abort();
  asked = new AbortController();
  const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(address, { signal: asked.signal, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    history.replaceState(null, "", address);
  } catch (error) {
    // Signed out meanwhile, or refused: the page itself says so better. No network: the old list
    // stays, and the button tells.
    if (error.name !== "AbortError" && navigator.onLine) form.requestSubmit();
  }
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const id of ["counts", "found", "answers"]) {
    const [old, come] = [document.getElementById(id), page.getElementById(id)];
    old?.replaceChildren(...come.childNodes); // a prescriber has no counts
  }
}

form.addEventListener("input", later);
