/**
 * Seeded mutations of bodies, for fuzzing. The same seed gives the same bodies, so that a failure
 * can be repeated from the number in its message.
 */
import { gzipSync } from "node:zlib";

/** A number in [0, 1), the next one of a fixed sequence at each call. */
export type Random = () => number;

/** The sequence of a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An element chosen by chance; the list may not be empty. */
export function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T;
}

type Mutation = (bytes: Buffer, random: Random) => Buffer;

/** The characters that matter to JSON, and some that matter around it. */
const CHARACTERS = Array.from('\\",:{}[]\n\t\u0000\u001e=&%+');

// oxfmt-ignore
const TOKENS = [
  ...CHARACTERS,
  '"""', '\\"', "},{", "}{", '"[{"', '":"', ",,", "\n{", "\r\n", "\\u00", "\\ud800", "\\x",
  "null", "true", "-1e999", "1e", "NaN", "high", "[]", "{}", '"__proto__":', '{"constructor":{',
  "payload=", "%7B", "%22", "\ufeff", "é", "\u{1f514}", "error rendering mustache template",
  "[".repeat(70), '{"a":'.repeat(70), "]}".repeat(40), '"hits":"[{"_id":"1"}]"',
];

function place(bytes: Buffer, random: Random): number {
  return Math.floor(random() * (bytes.length + 1));
}

function insert(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function flipBytes(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const flips = 1 + Math.floor(random() * 4);
  for (let flip = 0; flip < flips && copy.length > 0; flip += 1) {
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  }
  return copy;
}

function cutPart(bytes: Buffer, random: Random): Buffer {
  const [from = 0, to = 0] = [place(bytes, random), place(bytes, random)].sort((a, b) => a - b);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function repeatPart(bytes: Buffer, random: Random): Buffer {
  const from = place(bytes, random);
  const part = bytes.subarray(from, from + Math.floor(random() * 400));
  return insert(bytes, place(bytes, random), part);
}

/** Takes away every occurrence of a character that matters to JSON, or puts another there. */
function replaceAll(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString("latin1");
  const target = pick(CHARACTERS.slice(0, 8), random);
  const replaced = text.replaceAll(target, pick(["", ...CHARACTERS], random));
  return Buffer.from(replaced.slice(0, 4 * text.length), "latin1");
}

const MUTATIONS: readonly Mutation[] = [
  flipBytes,
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  (bytes, random) => insert(bytes, place(bytes, random), Buffer.from(pick(TOKENS, random))),
  (bytes, random) => insert(bytes, place(bytes, random), Buffer.from(pick(TOKENS, random))),
  cutPart,
  repeatPart,
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes) => Buffer.concat([bytes, Buffer.from("\n"), bytes]),
  (bytes) => Buffer.concat([Buffer.from("["), bytes, Buffer.from(",]")]),
  (bytes) => Buffer.from(JSON.stringify({ context: { hits: bytes.toString() } })),
  (bytes) => Buffer.from(`payload=${encodeURIComponent(bytes.toString())}`),
  replaceAll,
  (bytes) => gzipSync(bytes),
];

/** The body after one to four mutations; never more than a few times as long as before. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = Buffer.from(bytes);
  const rounds = 1 + Math.floor(random() * 4);
  for (let round = 0; round < rounds && mutated.length <= 4 * bytes.length + 1000; round += 1) {
    mutated = Buffer.from(pick(MUTATIONS, random)(mutated, random));
  }
  return mutated;
}
