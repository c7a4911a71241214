/** A program of one's own, run for every message: argv and nothing that a shell would read. */
import { isAbsolute } from "node:path";
import { z } from "zod";
import { secret, size } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { messageJson } from "../message-json.ts";
import { createSend } from "./send.ts";

const NAME = /^[A-Za-z_]\w*$/;

const config = z.strictObject({
  argv: z
    .array(z.string())
    .min(1)
    .refine(([program = ""]) => isAbsolute(program), {
      message: "name the program by its absolute path; nothing is searched in PATH",
    })
    .describe("The program and its arguments; it must be named in `allow_commands`."),
  cwd: z.string().optional().describe("Folder it runs in, relative to the configuration file."),
  env: z
    .record(z.string().regex(NAME, "not the name of a variable"), secret())
    .default({})
    .describe("All it gets besides PATH, HOME and LANG. Their values are never shown."),
  max_output: size("64KiB").describe("What it prints beyond this is thrown away."),
});
export type CommandConfig = z.infer<typeof config>;

export const command = defineDestination<CommandConfig, string>({
  kind: "command",
  summary: "A program of one's own with the message as JSON on its standard input",
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "key",
    retry: "Runs the program again with the same JSON, whose key a program can remember.",
  },
  limits: [],
  config,
  defaults: { concurrency: 2, statusUpdates: false },
  create: (settings, context) => ({
    render: (message) => `${JSON.stringify(messageJson(message))}\n`,
    show: (text) => ({ type: "application/json", text }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
