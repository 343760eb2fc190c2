/* Checks the text of a paper's QR as bench/documents/shortcode.py does, however it was scanned. */

import { answer, bad, fits, hexOf, judge, keyId, ofDemo, signatureHolds, textOf, trustOf, workshopOf } from "./papers.js";

const MAX_TEXT = 16384;
const MAX_BEFORE = 16;
const MAX_CHARACTERS = 4296;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code in what a scanner, a phone or a person gave, one a way to read the keys. */
export function inText(text, here) {
  const bare = [...text].slice(0, MAX_TEXT).filter((sign) => !/[\p{C}\p{Z}]/u.test(sign)).join("");
  const [name] = here.prefix.split(":");
  const found = new Set();
  for (const reading of layouts(bare, here)) {
    const large = reading.toUpperCase();
    const at = large.indexOf(name);
    const rest = large.slice(at + name.length);
    if (at >= 0 && [...large.slice(0, at)].length <= MAX_BEFORE && /^[:;]/.test(rest)) {
      found.add(here.prefix + rest.slice(1));
    }
  }
  return [...found];
}

/** All a text may have been if scanner and keyboard had different layouts, itself first. */
function layouts(text, here) {
  const signs = [...text];
  const swaps = here.swaps.flatMap((keys) => {
    const swapped = (sign) => (Object.hasOwn(keys, sign) ? keys[sign] : sign);
    return [swapped, (sign) => (/[0-9]/.test(sign) ? sign : swapped(sign))];
  });
  const whole = translations(here).map((back) => (sign) => back.get(sign)); // undefined: not its sign
  const [name] = here.prefix.split(":");
  const found = [text];
  for (const keys of [...swaps, ...whole]) {
    // The beginning first: a film's text is not read in 400 ways to its end.
    const start = signs.slice(0, MAX_BEFORE + 2 * name.length).map(keys).join("").toUpperCase();
    if (!start.includes(name)) continue;
    const meant = signs.map(keys);
    if (!meant.includes(undefined)) found.push(meant.join(""));
  }
  return new Set(found);
}

let kept;

/** What each sign on the screen was meant to be, for every scanner on every keyboard: labels/keymaps.py. */
function translations(here) {
  if (kept) return kept;
  const names = Object.keys(here.keymaps);
  const usual = names.flatMap((name) => [["us", name]]).concat(names.map((name) => [name, "us"]));
  const all = names.flatMap((scanner) => names.map((console) => [scanner, console]));
  kept = usual.concat(all).filter(([scanner, console]) => scanner !== console).map(([scanner, console]) => {
    const back = new Map();
    const add = (shown, meant) => back.has(shown) || back.set(shown, meant);
    here.keymaps[scanner].forEach((keys, shift) => {
      const theirs = [...here.keymaps[console][shift]];
      [...keys].forEach((meant, at) => {
        if (meant !== " " && theirs[at] !== " ") add(theirs[at], meant);
      });
    });
    for (const [shown, meant] of [...back]) {
      for (const other of [shown.toUpperCase(), shown.toLowerCase()]) {
        if ([...other].length === 1) add(other, meant);
      }
    }
    return back;
  });
  return kept;
}

/** Check the text of a QR, as it was scanned. */
export async function verifyCode(text, here) {
  const answers = [];
  for (const code of inText(text, here)) {
    const found = await verify(code, here);
    if (found.key) return found;
    answers.push(found);
  }
  return answers[0] ?? bad("not_a_code");
}

async function verify(code, here) {
  if ([...code].length > MAX_CHARACTERS) return bad("not_a_code");
  const raw = decode(code.slice(here.prefix.length));
  if (!raw || raw.length < 97) return bad("code_unreadable");
  const [key, signature, body] = [raw.slice(0, 32), raw.slice(32, 96), raw.slice(96)];
  if (!(await signatureHolds(key, "code", body, signature))) return bad("signature_wrong");
  const id = await keyId(key);
  const told = essentials(body, here);
  if (!told) return { ...bad("content_unreadable"), key: id };
  const trust = trustOf(id, here);
  const judged = judge(id, trust, (here.kept[id] ?? []).includes(told.digest));
  const left = Object.entries(told.counts)
    .filter(([claim]) => here.claims.includes(claim) && !here.erased.includes(claim))
    .map(([claim, count]) => ({ code: "not_erased", value: `${count} ${claim}` }));
  const whole = judged.answer !== "bad";
  return answer({
    answer: judged.answer,
    findings: [...judged.findings, ...ofDemo(told.number, here), ...left],
    kind: `code:${told.kind}`, key: id, trust,
    workshop: trust === "trusted" ? workshopOf(id, here) : "",
    issued_at: told.issued_at,
    payload: whole ? told : null,
  });
}

/** Base32 (RFC 4648) without padding; undefined for what is spelt any other way. */
function decode(text) {
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const sign of text) {
    const value = ALPHABET.indexOf(sign);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return bits < 5 && (held & ((1 << bits) - 1)) === 0 ? Uint8Array.from(bytes) : undefined;
}

/** What was signed, if it says what our papers say. */
function essentials(body, here) {
  let row;
  try {
    row = unpacked(body);
  } catch {
    return undefined;
  }
  if (!fits(here.shapes.code, row)) return undefined;
  const [kind, number, issued_at, asset, counts = {}, named = [], digest = new Uint8Array()] = row;
  if (!here.kinds.includes(kind) || digest.length !== 32) return undefined;
  if (Object.values(counts).some((count) => count < 0)) return undefined;
  const claims = [...Object.keys(counts), ...named.map(([, claim]) => claim)];
  if (kind === here.attestation && !claims.every((claim) => here.claims.includes(claim))) return undefined;
  return { kind, number, issued_at, asset, counts, named, digest: hexOf(digest) };
}

/** The value of msgpack bytes, all of them; what JSON could not hold either comes out as undefined. */
function unpacked(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (size) => {
    if (at + size > bytes.length) throw new RangeError("cut");
    at += size;
    return at - size;
  };
  const unsigned = (size) => {
    const from = take(size);
    if (size === 8) return view.getBigUint64(from);
    return size === 4 ? view.getUint32(from) : size === 2 ? view.getUint16(from) : view.getUint8(from);
  };
  const signed = (size) => {
    const from = take(size);
    if (size === 8) return view.getBigInt64(from);
    return size === 4 ? view.getInt32(from) : size === 2 ? view.getInt16(from) : view.getInt8(from);
  };
  const raw = (size) => {
    const from = take(size);
    return bytes.slice(from, from + size);
  };
  const text = (size) => {
    const inside = raw(size);
    try {
      return textOf(inside);
    } catch {
      return undefined;
    }
  };
  const list = (size, depth) => {
    const items = [];
    for (let left = size; left > 0; left -= 1) items.push(value(depth + 1));
    return items;
  };
  const map = (size, depth) => {
    const pairs = [];
    for (let left = size; left > 0; left -= 1) pairs.push([value(depth + 1), value(depth + 1)]);
    if (!pairs.every(([name]) => typeof name === "string")) return undefined;
    // No prototype: `__proto__` is a name as any other.
    return pairs.reduce((made, [name, item]) => {
      made[name] = item;
      return made;
    }, Object.create(null));
  };
  const value = (depth) => {
    if (depth > 900) throw new RangeError("deep");
    const head = unsigned(1);
    if (head < 0x80) return head;
    if (head < 0x90) return map(head & 0xf, depth);
    if (head < 0xa0) return list(head & 0xf, depth);
    if (head < 0xc0) return text(head & 0x1f);
    if (head >= 0xe0) return head - 256;
    if (head === 0xc0) return null;
    if (head === 0xc1) throw new RangeError("never used");
    if (head < 0xc4) return head === 0xc3;
    if (head < 0xc7) return raw(unsigned(1 << (head - 0xc4)));
    if (head < 0xca) return void raw(unsigned(1 << (head - 0xc7)) + 1); // an extension
    if (head < 0xcc) return void raw(head === 0xca ? 4 : 8); // a float
    if (head < 0xd0) return unsigned(1 << (head - 0xcc));
    if (head < 0xd4) return signed(1 << (head - 0xd0));
    if (head < 0xd9) return void raw((1 << (head - 0xd4)) + 1);
    if (head < 0xdc) return text(unsigned(1 << (head - 0xd9)));
    if (head < 0xde) return list(unsigned(1 << (head - 0xdb)), depth);
    return map(unsigned(1 << (head - 0xdd)), depth);
  };
  const whole = value(0);
  if (at !== bytes.length) throw new RangeError("more");
  return whole;
}
