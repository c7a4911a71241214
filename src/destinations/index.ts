/** Every kind of destination. Adding one is a folder and a line here. */
import { alertmanager } from "./alertmanager/alertmanager.ts";
import { command } from "./command/command.ts";
import { discord } from "./discord/discord.ts";
import { elasticHttp } from "./elastic-http/elastic-http.ts";
import { elasticsearch } from "./elasticsearch/elasticsearch.ts";
import { email } from "./email/email.ts";
import { file } from "./file/file.ts";
import { googleChat } from "./google-chat/google-chat.ts";
import { iris } from "./iris/iris.ts";
import { jira } from "./jira/jira.ts";
import { log } from "./log/log.ts";
import { mattermost } from "./mattermost/mattermost.ts";
import { pagerduty } from "./pagerduty/pagerduty.ts";
import { redisStream } from "./redis-stream/redis-stream.ts";
import { servicenow } from "./servicenow/servicenow.ts";
import { slack } from "./slack/slack.ts";
import { splunkHec } from "./splunk-hec/splunk-hec.ts";
import { syslog } from "./syslog/syslog.ts";
import { teams } from "./teams/teams.ts";
import { telegram } from "./telegram/telegram.ts";
import { thehive } from "./thehive/thehive.ts";
import { webhook } from "./webhook/webhook.ts";

export const destinations = [
  slack,
  email,
  teams,
  mattermost,
  discord,
  telegram,
  googleChat,
  thehive,
  iris,
  jira,
  servicenow,
  pagerduty,
  alertmanager,
  elasticsearch,
  elasticHttp,
  splunkHec,
  syslog,
  redisStream,
  webhook,
  command,
  file,
  log,
] as const;
