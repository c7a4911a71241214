import { contextWith } from "../../testing/messages.ts";
import type { LocalSubject } from "../../testing/subject.ts";
import { log } from "../log.ts";

export const subjects: readonly LocalSubject[] = [
  {
    transport: "local",
    name: "log",
    async start() {
      const { context, printed } = contextWith();
      return {
        settings: {},
        secrets: [],
        kept: () => printed,
        measure: () => ({}),
        create: (_http, settings) => log.create(log.config.parse(settings), context),
        close: async () => {},
      };
    },
  },
];
