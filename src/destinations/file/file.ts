/** Alerts appended to a file as NDJSON; a delivery counts once its line is synced to disk. */
import { z } from "zod";
import { size } from "../../config/values.ts";
import { messageOf } from "../../errors.ts";
import { defineDestination, type Message } from "../destination.ts";
import { digestJson } from "../message-json.ts";
import { createJournal } from "./journal.ts";

const config = z.strictObject({
  path: z.string().min(1).describe("Relative to the configuration file."),
  max_size: size("100MiB").describe("The file is rotated to path.1 before it would pass this."),
  keep: z.number().int().min(0).max(1000).default(5).describe("How many rotated files to keep."),
});
export type FileConfig = z.infer<typeof config>;

export const file = defineDestination<FileConfig, string>({
  kind: "file",
  summary: "Alerts as NDJSON in a file, synced to disk, rotated by size",
  repeat: {
    kind: "marked",
    by: "key",
    retry: "Appends the line again, with the same key.",
  },
  limits: [],
  config,
  canUpdate: () => true,
  defaults: { concurrency: 64, statusUpdates: false },
  create(settings, context) {
    const path = context.resolvePath(settings.path);
    const journal = createJournal({ path, max_size: settings.max_size, keep: settings.keep });
    return {
      render: renderLine,
      show: (line) => ({ type: "application/x-ndjson", text: line }),
      async send(line, _message, sending) {
        const request = `append to ${path}\n\n${line}`;
        try {
          await journal.append(line);
          sending.record?.({ request, answer: "written and synced" });
          return { kind: "delivered" };
        } catch (error) {
          const text = `cannot write ${path}: ${messageOf(error)}`;
          sending.record?.({ request, answer: text });
          return { kind: "retry", reason: "io_error", error: text };
        }
      },
      close: () => journal.close(),
    };
  },
});

function renderLine({ kind, alert, digest, key, test }: Message): string {
  const told = digest ? { alert, digest: digestJson(digest) } : { alert };
  return `${JSON.stringify({ key, kind, ...(test ? { test } : {}), ...told })}\n`;
}
