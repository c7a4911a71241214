import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A body as some sender really sent it. */
export interface Payload {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The folder of real bodies beside the repository. */
const PAYLOADS = fileURLToPath(new URL("../../../../shared/payloads/", import.meta.url));

/** Whether the folder is there; in CI its absence is an error, not a reason to skip. */
export function hasPayloads(): boolean {
  return existsSync(PAYLOADS) || process.env["CI"] !== undefined;
}

/** The bytes of one payload. */
export function readPayload(file: string): Uint8Array {
  return readFileSync(`${PAYLOADS}${file}`);
}

/** All payloads, except the notes about them. */
export function listPayloads(): Payload[] {
  const files = readdirSync(PAYLOADS).filter((file) => file !== "index.json");
  return files
    .filter((file) => !file.endsWith(".md"))
    .sort()
    .map((file) => ({ file, bytes: readPayload(file) }));
}
