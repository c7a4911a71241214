import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { DEFAULT_READ_LIMITS } from "./limits.ts";
import { readBody } from "./read.ts";
import type { ReadResult } from "./read.ts";
import { createRandom, mutate, pick } from "./testing/mutate.ts";
import { hasPayloads, listPayloads } from "./testing/payloads.ts";
import { readBodyText } from "./unpack.ts";

const COUNT = Number(process.env["TOCSIN_FUZZ"] ?? 3000);
const SLOWEST_MS = 100;

const OWN_SEEDS = [
  '{"a":1}{"b":"two"}\n{"c":[null,true,-1.5e3]}',
  '{"title":"say "x" now","path":"C:\\Windows\\","hits":"[{"_id":"1","n":{"deep":[1,2,]}}]"}',
  '[{"a":"é\\u0000"},{\\"b\\":\\"c\\\\\\"d\\"},"{\\"e\\":1}",]',
  '{"text":"""block "with" quotes""","level": high,"none":,}',
  "payload=%7B%22a%22%3A%221+2%22%7D&token=x",
].map((text) => ({ file: text, bytes: Buffer.from(text) }));

/** Only a body without any content may come to neither documents nor rejected parts. */
function expectAccounted(bytes: Uint8Array, result: ReadResult & { kind: "documents" }): void {
  if (result.plain) {
    const text = Buffer.from(bytes).toString();
    expect([JSON.parse(text)]).toEqual(result.documents.map((document) => document.value));
  }
  if (result.documents.length + result.rejected.length > 0) return;
  const { text } = decodeAsText(bytes);
  expect(text.includes("=") ? "" : text.replaceAll("\u001e", "")).toMatch(/^[\s,[\]"\\]*$/);
}

function decodeAsText(bytes: Uint8Array): { text: string } {
  const body = readBodyText(bytes, DEFAULT_READ_LIMITS, undefined);
  return "text" in body ? body : { text: "" };
}

/** Milliseconds to read a body; throws for anything thrown but an exceeded limit. */
function timeRead(bytes: Uint8Array): number {
  const start = performance.now();
  try {
    const result = readBody(bytes);
    if (result.kind === "documents") expectAccounted(bytes, result);
    else expect(["empty", "unreadable"]).toContain(result.kind);
  } catch (error) {
    if (!(error instanceof TocsinError) || error.code !== "LIMIT_EXCEEDED") throw error;
  }
  return performance.now() - start;
}

describe("reading mutated bodies", () => {
  it.skipIf(!hasPayloads())(
    `throws for none of ${COUNT} and hangs on none (skipped where ../shared/payloads is missing)`,
    { timeout: 60_000 + COUNT * 10 },
    () => {
      const seeds = [...listPayloads(), ...OWN_SEEDS];
      for (let seed = 1; seed <= COUNT; seed += 1) {
        const random = createRandom(seed);
        const { file, bytes } = pick(seeds, random);
        const body = mutate(bytes, random);
        let time = 0;
        try {
          time = timeRead(body);
        } catch (error) {
          expect.fail(`seed ${seed} of ${file}: ${String(error)}`);
        }
        // A busy machine pauses programs; a hang is slow the second time, too.
        if (time > SLOWEST_MS) time = Math.min(timeRead(body), timeRead(body));
        if (time > SLOWEST_MS) expect.fail(`seed ${seed} of ${file}: ${time.toFixed(0)} ms`);
      }
    },
  );
});
