/* Checks a signed paper as `etabli verify` does: bench/documents/signed.py and papers.py, line by
 * line. Pure: bytes and what is known here go in, an answer comes out, nothing leaves the page.
 * tests/unit/hub/test_verify_same.py gives both the same papers. */

const MAX_DEPTH = 12;
const MAX_SEALED_BYTES = 1024 * 1024; // of a certificate's text, as sealed.py reads it
const MAX_FINDINGS = 500;
const FIELDS = ["fingerprint", "format", "key", "key_id", "payload", "signature", "type"];
const SAID_OF_WHOLE = ["demonstration", "not_erased", "signer_unknown", "signer_revoked_since"];
const NAME = /^[\x20-\x7e]{1,128}$/;
const LONE = /\p{Surrogate}/u;
// RFC 8032: the y of points of small order; a signature by such a "key" holds for anything.
const FIELD = 2n ** 255n - 19n;
const SMALL_ORDER_Y = [
  0n,
  1n,
  FIELD - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
];

export const utf8 = new TextEncoder();

/** The text of UTF-8 bytes; throws for anything else. A byte order mark stays. */
export function textOf(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The one spelling of a value (RFC 8785); throws for what no record holds: bench/records/signed/canonical.py. */
export function canonical(value, depth = 0) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (LONE.test(value)) throw new TypeError("half a character");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError("no integer");
    return String(value);
  }
  if (depth >= MAX_DEPTH) throw new TypeError("too deep");
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const parts = Object.keys(value).sort().map((name) => {
    if (!NAME.test(name)) throw new TypeError("an odd name");
    return `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`;
  });
  return `{${parts.join(",")}}`;
}

/** The value of canonical bytes, or undefined for bytes that are spelt otherwise. */
export function loads(bytes, most) {
  if (bytes.length > most) return undefined;
  try {
    const text = textOf(bytes);
    const value = JSON.parse(text);
    return canonical(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hexadecimal text as Python reads it (blanks between, capitals), or undefined. */
function bytesOf(hex) {
  if (!/^(\s*[0-9a-f]{2})*\s*$/i.test(hex)) return undefined;
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
}

async function digest(name, bytes) {
  return new Uint8Array(await crypto.subtle.digest(name, bytes));
}

export async function sha256(bytes) {
  return hexOf(await digest("SHA-256", bytes));
}

/** The name of a key: 32 hexadecimal digits. */
export async function keyId(bytes) {
  return (await sha256(bytes)).slice(0, 32);
}

/** Thirty digits of a key's hash: bench/records/signed/fingerprint.py. */
async function digits(key) {
  const hashed = await digest("SHA-512", joined([utf8.encode("etabli fingerprint 1\0"), key]));
  const groups = [];
  for (let at = 0; at < 30; at += 5) {
    const number = hashed.slice(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100000).padStart(5, "0"));
  }
  return groups;
}

/** The six groups and their two check digits (ISO 7064 MOD 97-10), to be compared by voice. */
export async function fingerprint(key) {
  const groups = await digits(key);
  const check = 98n - ((BigInt(groups.join("")) * 100n) % 97n);
  return [...groups, String(check).padStart(2, "0")].join(" ");
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isPublicKey(key) {
  let y = 0n;
  for (let at = key.length - 1; at >= 0; at -= 1) y = y * 256n + BigInt(key[at]);
  y &= 2n ** 255n - 1n;
  return key.length === 32 && y < FIELD && !SMALL_ORDER_Y.includes(y);
}

export function mediaType(kind) {
  return `application/vnd.etabli.${kind}+json`;
}

/** Whether this is the key's signature of a body as this kind (DSSE's pre-authentication encoding). */
export async function signatureHolds(key, kind, body, signature) {
  if (!isPublicKey(key)) return false;
  const name = utf8.encode(mediaType(kind));
  const head = [`DSSEv1 ${name.length} `, ` ${body.length} `].map((text) => utf8.encode(text));
  const message = joined([head[0], name, head[1], body]);
  try {
    const read = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, read, signature, message);
  } catch {
    return false;
  }
}

/** Whether this browser has what the check needs. */
export async function able() {
  const key = bytesOf("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  try {
    await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return typeof BigInt === "function";
  } catch {
    return false;
  }
}

function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Whether a value has a shape of bench/documents/shape.py. */
export function fits(shape, value) {
  if (shape === "str") return typeof value === "string";
  if (shape === "int") return typeof value === "number" || typeof value === "bigint";
  if (shape === "bool") return typeof value === "boolean";
  if (shape === "null") return value === null;
  if (shape === "bytes") return value instanceof Uint8Array;
  if (shape.text) return typeof value === "string" && new RegExp(shape.text).test(value);
  if (shape.any) return shape.any.some((each) => fits(each, value));
  if (shape.map) return isMap(value) && Object.values(value).every((item) => fits(shape.map, item));
  if (shape.fields) {
    return isMap(value) && Object.entries(shape.fields).every(([name, [required, inner]]) =>
      Object.hasOwn(value, name) ? fits(inner, value[name]) : !required);
  }
  if (!Array.isArray(value)) return false;
  if (shape.list) {
    return value.length <= (shape.most ?? Infinity) && value.every((item) => fits(shape.list, item));
  }
  if (shape.pair) {
    return value.length === shape.pair.length && value.every((item, at) => fits(shape.pair[at], item));
  }
  if (shape.row) {
    return shape.row.every(([required, inner], at) =>
      at < value.length ? fits(inner, value[at]) : !required);
  }
  throw new TypeError("a shape nobody knows");
}

export function bad(code) {
  return answer({ answer: "bad", findings: [{ code, value: "" }] });
}

export function answer(told) {
  return {
    answer: "bad", findings: [], kind: "", key: "", trust: "unknown", workshop: "",
    fingerprint: "", voice: "", issued_at: "", payload: null, ...told,
  };
}

/** trusted, revoked or unknown; `vouched`: the workshop that the paper's own certificate names. */
export function trustOf(key, here, vouched = "") {
  if (here.revoked.includes(key)) return "revoked";
  const known = Object.hasOwn(here.benches, key) || Object.hasOwn(here.workshops, key);
  return known || Object.hasOwn(here.workshops, vouched) ? "trusted" : "unknown";
}

/** The registered workshop a trusted key belongs to; "" where there is none. */
export function workshopOf(key, here, vouched = "") {
  const of = Object.hasOwn(here.benches, key) ? here.benches[key] : "";
  return [key, of, vouched].find((each) => Object.hasOwn(here.workshops, each)) ?? "";
}

/** What is made of a whole paper by who signed it. */
export function judge(key, trust, kept) {
  if (trust === "trusted") return { answer: "known", findings: [] };
  if (trust === "revoked" && !kept) {
    return { answer: "bad", findings: [{ code: "signer_revoked", value: key }] };
  }
  const code = trust === "revoked" ? "signer_revoked_since" : "signer_unknown";
  return { answer: "unknown", findings: [{ code, value: key }] };
}

export function ofDemo(number, here) {
  const demo = typeof number === "string" && number.startsWith(here.demo);
  return demo ? [{ code: "demonstration", value: "" }] : [];
}

/** Check a signed file. `here`: what the page was given, bench/hub/pages/verify.py. */
export async function verifyPaper(bytes, here) {
  const [envelope, code] = await opened(bytes, here);
  if (!envelope) return bad(code);
  const { key, body, signature, type } = envelope;
  const kind = type.replace(/^application\/vnd\.etabli\./, "").replace(/\+json$/, "");
  if (type !== mediaType(kind) || !(await signatureHolds(key, kind, body, signature))) {
    return bad("signature_wrong");
  }
  const payload = loads(body, here.max_bytes);
  if (!isMap(payload)) return bad("content_unreadable");
  const told = Object.hasOwn(payload, "certificate");
  const workshop = told ? await certifiedBy(payload.certificate, envelope.id, here) : undefined;
  if (told && !workshop) return bad("content_unreadable");
  const vouched = workshop ? await keyId(workshop) : "";
  const trust = trustOf(envelope.id, here, vouched);
  const kept = (here.kept[envelope.id] ?? []).includes(await sha256(bytes));
  const judged = judge(envelope.id, trust, kept);
  const number = Object.hasOwn(payload, "number") ? payload.number : undefined;
  const findings = [...judged.findings, ...ofDemo(number, here), ...content(kind, payload, here)];
  const believed = findings.every((finding) => SAID_OF_WHOLE.includes(finding.code));
  let sum = believed ? judged.answer : "bad";
  const odd = sum === "bad" ? "" : oddity(kind, payload, here);
  if (odd) {
    findings.push({ code: odd, value: [...kind].slice(0, 40).join("") });
    sum = "bad";
  }
  const whole = sum !== "bad";
  return answer({
    answer: sum, findings, kind, key: envelope.id, trust,
    workshop: trust === "trusted" ? workshopOf(envelope.id, here, vouched) : "",
    fingerprint: whole ? await fingerprint(workshop ?? key) : "",
    voice: !whole ? "" : workshop ? "workshop" : "bench",
    issued_at: typeof payload.issued_at === "string" ? payload.issued_at : "",
    payload: whole ? payload : null,
  });
}

/** The envelope with its payload unread, or the code of why there is none. */
async function opened(bytes, here) {
  if (bytes.length > here.max_bytes) return [null, "too_big"];
  let told;
  try {
    told = JSON.parse(textOf(bytes));
  } catch {
    return [null, "unreadable"];
  }
  const names = isMap(told) ? Object.keys(told).sort() : [];
  const texts = FIELDS.filter((name) => name !== "payload");
  if (names.join() !== FIELDS.join()) return [null, "unreadable"];
  if (!texts.every((name) => typeof told[name] === "string" && !LONE.test(told[name]))) {
    return [null, "unreadable"];
  }
  const key = bytesOf(told.key);
  const signature = bytesOf(told.signature);
  if (!key || !signature) return [null, "unreadable"];
  const body = payloadOf(bytes, told);
  if (!body) return [null, "not_canonical"];
  if (told.format !== here.format || key.length !== 32 || signature.length !== 64) {
    return [null, "unreadable"];
  }
  const id = await keyId(key);
  const derived = [hexOf(key), hexOf(signature), id, (await digits(key)).join(" ")];
  const given = [told.key, told.signature, told.key_id, told.fingerprint];
  if (derived.join("|") !== given.join("|")) return [null, "key_mismatch"];
  return [{ key, signature, id, body, type: told.type }, ""];
}

/** The bytes of the payload where all around them is spelt as it must be; else undefined. */
function payloadOf(bytes, told) {
  const spelt = (names) => names.map((name) => `"${name}":${JSON.stringify(told[name])}`).join(",");
  const head = utf8.encode(`{${spelt(FIELDS.slice(0, 4))},"payload":`);
  const tail = utf8.encode(`,${spelt(FIELDS.slice(5))}}\n`);
  const end = bytes.length - tail.length;
  if (end <= head.length) return undefined;
  if (!head.every((byte, at) => bytes[at] === byte)) return undefined;
  if (!tail.every((byte, at) => bytes[end + at] === byte)) return undefined;
  const body = bytes.subarray(head.length, end);
  const text = textOf(body);
  try {
    JSON.parse(text); // one value and no more: not another field between
  } catch {
    return undefined;
  }
  return text === text.trim() ? body : undefined;
}

/** The key of the workshop that certified this bench; undefined for anything else. */
async function certifiedBy(raw, bench, here) {
  if (!isMap(raw) || Object.keys(raw).sort().join() !== "body,key,kind,signature") return undefined;
  if (!Object.values(raw).every((value) => typeof value === "string")) return undefined;
  const hex = /^[0-9a-f]{64}$/.test(raw.key) && /^[0-9a-f]{128}$/.test(raw.signature);
  if (raw.kind !== "certificate" || !hex) return undefined;
  const [signer, body] = [bytesOf(raw.key), utf8.encode(raw.body)];
  if (!(await signatureHolds(signer, raw.kind, body, bytesOf(raw.signature)))) return undefined;
  const value = loads(body, MAX_SEALED_BYTES);
  if (!isMap(value)) return undefined;
  const told = { ...value, workshop: await keyId(signer), workshop_key: raw.key };
  if (!fits(here.shapes.certificate, told) || !/^[0-9a-f]{64}$/.test(told.key)) return undefined;
  const certified = bytesOf(told.key);
  if (!isPublicKey(certified) || (await keyId(certified)) !== told.bench) return undefined;
  return told.bench === bench ? signer : undefined;
}

/** Whether its kind is one of ours and it says what such a paper says. */
function oddity(kind, payload, here) {
  if (!Object.hasOwn(here.shapes.papers, kind)) return "kind_unknown";
  const fitting = fits(here.shapes.papers[kind], payload) && isTime(payload.issued_at, here);
  return fitting ? "" : "content_unreadable";
}

function isTime(text, here) {
  if (!new RegExp(here.issued_at).test(text)) return false;
  const [year, month, day, hour, minute, second] = text.match(/\d+/g).map(Number);
  if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return day >= 1 && day <= last;
}

/** An attestation must make sense as well: a valid signature over a lie stays a lie. */
function content(kind, payload, here) {
  if (kind !== here.attestation) return [];
  if (!fits(here.shapes.papers[kind], payload)) return [{ code: "content_unreadable", value: "" }];
  const disks = disksOf(payload);
  const findings = [];
  const say = (code, value) => findings.push({ code, value });
  const cut = (text) => [...text].slice(0, 40).join("");
  for (const disk of disks) {
    if (!here.claims.includes(disk.claim)) say("content_unreadable", cut(disk.claim));
    const method = disk.verified?.method;
    if (method !== undefined && !here.methods.includes(method)) say("content_unreadable", cut(method));
  }
  for (const disk of disks) {
    const why = here.erased.includes(disk.claim) ? unsupported(disk) : "";
    if (why) say("claims_too_much", `${identity(disk) || disk.job || ""}: ${why}`);
  }
  for (const disk of disks) {
    if (!here.erased.includes(disk.claim)) say("not_erased", identity(disk) || disk.job || "?");
  }
  return findings.slice(0, MAX_FINDINGS);
}

export function disksOf(attestation) {
  return attestation.machines.flatMap((machine) => machine.disks);
}

/** What a reader recognises a disk by. */
export function identity(disk) {
  return disk.serial || (disk.wwn ? `WWN ${disk.wwn}` : "");
}

/** Why "erased" is not carried by the disk's own evidence: bench/records/dossier/erasures.py. */
function unsupported(disk) {
  const notes = disk.notes ?? [];
  const places = notes
    .filter((note) => note.code === "sample_changed")
    .map((note) => note.values?.places)
    .filter((value) => typeof value === "number");
  if (disk.bad_sectors) return "unwritten_sectors";
  if (disk.verified?.mismatches) return "mismatches";
  if ((disk.verified?.sectors ?? 0) <= 0 && Math.max(0, ...places) <= 0) return "unverified";
  if (disk.hidden_areas === "left") return "hidden_area_left";
  if (!disk.journal_hash) return "journal_missing";
  if (disk.doubt) return "serial_doubtful";
  const named = disk.serial || disk.wwn || notes.some((note) => note.code === "image_file");
  return named ? "" : "serial_unknown";
}
