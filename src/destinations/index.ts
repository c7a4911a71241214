/** Every kind of destination. Adding one is a folder and a line here. */
import { file } from "./file/file.ts";
import { log } from "./log/log.ts";
import { slack } from "./slack/slack.ts";
import { webhook } from "./webhook/webhook.ts";

export const destinations = [slack, webhook, file, log] as const;
