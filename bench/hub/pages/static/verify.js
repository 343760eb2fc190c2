/* The page that checks papers: takes files, dropped or chosen, and pasted or scanned texts, and
 * says what papers.js and codes.js found. Whatever a paper says is put in as text, never as markup. */

import { able, disksOf, identity, utf8, verifyPaper } from "./papers.js";
import { inText, verifyCode } from "./codes.js";

const MAX_DISKS = 40;
const MAX_FILES = 50;

const form = document.getElementById("verify");
const file = document.getElementById("file");
const text = document.getElementById("text");
const answers = document.getElementById("answers");
const here = JSON.parse(form.dataset.here);
const words = JSON.parse(form.dataset.words);
let turn = Promise.resolve();

/** A sentence with its holes filled. */
function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (hole, name) => (Object.hasOwn(values, name) ? String(values[name]) : hole));
}

/** Text as telephones and Windows save it. */
function decoded(bytes) {
  const wide = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()];
  return new TextDecoder(wide ?? "utf-8").decode(bytes.slice(0, 32768));
}

/** The answer for whatever bytes a file has. */
export async function check(bytes) {
  const start = decoded(bytes);
  if (inText(start, here).length) return verifyCode(start, here);
  return verifyPaper(bytes, here);
}

/** The answer for what was pasted or scanned: a code, or a signed file's text. */
export async function checkText(pasted) {
  const bare = pasted.trim();
  // A form keeps no line end, and the file has one.
  return bare.startsWith("{") ? verifyPaper(utf8.encode(`${bare}\n`), here) : verifyCode(bare, here);
}

function element(name, content, className = "") {
  const made = document.createElement(name);
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  if (className) made.className = className;
  return made;
}

function moment(at) {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return at || "?";
  return when.toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
}

const named = (value) => (typeof value?.name === "string" ? value.name : "");

/** What the paper says of itself, as pairs and disks. */
function claims(found) {
  const payload = found.payload;
  const code = found.kind.startsWith("code:");
  const kind = found.kind.replace("code:", "");
  const about = [payload.asset, payload.lot].filter((each) => typeof each === "string" && each);
  const lines = [
    filled(words.said.number, { kind: words.kind[kind] ?? kind, number: payload.number }),
    ...about.map((each) => filled(words.said.lot, { lot: each })),
  ];
  if (named(payload.donor)) lines.push(filled(words.said.donor, { name: named(payload.donor) }));
  const told = code ? codeLines(payload) : kind === here.attestation ? diskLines(payload) : [];
  const more = told.length - MAX_DISKS;
  const shown = told.slice(0, MAX_DISKS);
  if (more > 0) shown.push(filled(words.said.more, { count: more }));
  return [...lines, ...shown];
}

const word = (claim) => (Object.hasOwn(words.claim, claim) ? words.claim[claim] : claim);

function codeLines(payload) {
  const counts = Object.entries(payload.counts).map(([claim, count]) => `${word(claim)} : ${count}`);
  return [...counts, ...payload.named.map(([name, value]) => `${name || "?"} : ${word(value)}`)];
}

function diskLines(payload) {
  return disksOf(payload).map((disk) => `${disk.model || "?"} ${identity(disk) || "?"} : ${word(disk.claim)}`);
}

/** The answer as an article: the word, who, the fingerprint, what is claimed, what was found. */
function told(name, found) {
  const article = element("article", [], `answer ${found.answer}`);
  article.append(element("h2", filled(words.answer[found.answer], { what: name })));
  if (found.key && found.payload) article.append(...who(found));
  if (found.findings.length) {
    const lines = found.findings.map(({ code, value }) => {
      // Of a signer the fingerprint is for people, not the key's name.
      const more = value && !code.startsWith("signer_") ? ` (${value})` : "";
      return element("li", `${words.finding[code] ?? code}${more}`);
    });
    article.append(element("ul", lines, "findings"));
  }
  if (found.payload) {
    if (found.answer === "unknown") article.append(element("p", words.said.claims));
    article.append(element("ul", claims(found).map((line) => element("li", line))));
  }
  return article;
}

function who(found) {
  const known = found.workshop ? here.workshops[found.workshop].name : "";
  const name = known || named(found.payload.workshop) || "?";
  const at = moment(found.issued_at);
  const lines = [element("p", filled(known ? words.said.who : words.said.claimed, { who: name, at }))];
  if (found.voice) {
    lines.push(element("p", [
      filled(words.said[`voice_${found.voice}`], { fingerprint: "" }).trim(), " ",
      element("code", found.fingerprint, "fingerprint"),
    ]));
  } else if (found.answer === "unknown") {
    lines.push(element("p", words.said.voice_file));
  }
  return lines;
}

/** A file that is checked elsewhere: neither good nor bad is known of it. */
function elsewhere(name, why) {
  const title = element("h2", filled(words.said.other, { what: name }));
  return element("article", [title, element("p", why, "hint")], "answer other");
}

/** One check after another, each shown when it is done. */
function run(checks) {
  turn = turn.then(async () => {
    answers.setAttribute("aria-busy", "true");
    answers.replaceChildren(element("p", words.said.checking));
    const articles = [];
    for (const { name, give, hint } of checks) {
      // Of a true paper's PDF nothing bad is to be said: it is another file that proves it.
      const other = hint ? await hint() : "";
      articles.push(other ? elsewhere(name, other) : told(name, await give()));
    }
    answers.replaceChildren(...articles);
    answers.setAttribute("aria-busy", "false");
    answers.scrollIntoView({ block: "nearest" });
  });
  return turn;
}

function ofFile(one) {
  // One byte more than any paper has: that much is read of a film.
  const read = async () => new Uint8Array(await one.slice(0, here.max_bytes + 1).arrayBuffer());
  return {
    name: one.name,
    give: async () => check(await read()),
    hint: async () => {
      const start = new TextDecoder("latin1").decode((await read()).slice(0, 5));
      return start.startsWith("%PDF") ? words.said.pdf : start.startsWith("PK") ? words.said.bag : "";
    },
  };
}

const takeFiles = (files) => run([...files].slice(0, MAX_FILES).map(ofFile));

function takeText() {
  if (!text.value.trim()) return text.focus();
  const name = inText(text.value, here).length ? words.said.of_code : words.said.pasted;
  return run([{ name, give: () => checkText(text.value) }]);
}

async function start() {
  if (!(await able())) {
    document.getElementById("unable").hidden = false;
    form.hidden = true;
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    takeText();
  });
  file.addEventListener("change", () => {
    takeFiles(file.files);
    file.value = ""; // the same file again is another check
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault(); // a scanner ends so
    takeText();
  });
  text.addEventListener("paste", () => setTimeout(takeText));
  // Anywhere on the page: a file let go beside the field would be opened in place of the page.
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.getElementById("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) takeFiles(event.dataTransfer.files);
    });
  }
  form.dataset.ready = "1";
}

start();
