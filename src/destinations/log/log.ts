/** One readable line per delivery on the terminal. */
import { z } from "zod";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender } from "./render.ts";

const config = z.strictObject({
  format: z.enum(["text", "json"]).default("text").describe("json prints the whole alert."),
  template: templateSetting({ line: "The line, in the place of `format`." }),
});
export type LogConfig = z.infer<typeof config>;

export const log = defineDestination<LogConfig, string>({
  kind: "log",
  summary: "One readable line per alert on the terminal",
  canUpdate: () => true,
  repeat: { kind: "shown", by: null, retry: "Prints the line again." },
  limits: [],
  config,
  defaults: { concurrency: 8, statusUpdates: false },
  create: (settings, context) => ({
    render: createRender(settings, `destination ${context.name}`),
    show: (line) => ({ type: "text/plain", text: line }),
    async send(line, _message, sending) {
      context.print(line);
      sending.record?.({ request: `print\n\n${line}`, answer: "printed" });
      return { kind: "delivered" };
    },
    close: async () => {},
  }),
});
