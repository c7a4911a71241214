/** Alerts appended to a Redis Stream, for consumers of one's own. */
import { z } from "zod";
import { size } from "../../config/values.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { openRedis } from "./connection.ts";
import { renderEntry, type Entry } from "./render.ts";
import { createSend } from "./send.ts";

const config = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(6379),
  security: z.enum(["none", "tls"]).default("none").describe("tls encrypts the connection."),
  username: z.string().optional().describe("Of an ACL user; without it the default one."),
  password: secret().optional(),
  database: z.number().int().min(0).default(0),
  stream: z.string().min(1).max(512).default("tocsin:alerts").describe("Key of the stream."),
  max_length: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("About so many entries are kept; the oldest go, read or not. All, without it."),
  max_size: size("1MiB").describe("Longest message of an entry; a longer one has fewer alerts."),
});
export type RedisStreamConfig = z.infer<typeof config>;

export const redisStream = defineDestination<RedisStreamConfig, Entry>({
  kind: "redis-stream",
  summary: "Alerts as entries of a Redis Stream (XADD)",
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "key",
    retry: "Appends another entry with the same field key, by which a consumer can tell.",
  },
  limits: [],
  config,
  defaults: { concurrency: 64, statusUpdates: false },
  create(settings, context) {
    const redis = openRedis(settings, context);
    return {
      render: (message) => renderEntry(message, settings.max_size),
      show: ({ fields }) => ({
        type: "application/json",
        text: JSON.stringify({ stream: settings.stream, fields: Object.fromEntries(fields) }),
      }),
      send: createSend(settings, redis),
      close: () => redis.close(),
    };
  },
});
