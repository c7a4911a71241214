/** One readable line per delivery on the terminal. */
import { z } from "zod";
import { defineDestination } from "../destination.ts";
import { renderLine } from "./render.ts";

const config = z.strictObject({
  format: z.enum(["text", "json"]).default("text").describe("json prints the whole alert."),
});
export type LogConfig = z.infer<typeof config>;

export const log = defineDestination<LogConfig, string>({
  kind: "log",
  summary: "One readable line per alert on the terminal",
  canUpdate: () => true,
  idempotency: null,
  config,
  defaults: { concurrency: 8 },
  create: (settings, context) => ({
    render: (message) => renderLine(message, settings.format),
    async send(line, _message, sending) {
      context.print(line);
      sending.record?.({ request: `print\n\n${line}`, answer: "printed" });
      return { kind: "delivered" };
    },
    close: async () => {},
  }),
});
