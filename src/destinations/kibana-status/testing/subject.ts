import { startKibana } from "../../../../test/peers/kibana.ts";
import { clusterSettings } from "../../../elastic/cluster/settings.ts";
import { openKibana } from "../../../elastic/kibana/kibana.ts";
import type { Http } from "../../../net/http.ts";
import { alertWith, NOW } from "../../testing/messages.ts";
import type { HttpSubject } from "../../testing/subject.ts";
import { createStatusDestination } from "../index.ts";

const KEY = "a2V5LWlkOmtleS1zZWNyZXQ=";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "kibana-status",
    tells: false,
    async start(tls) {
      const peer = await startKibana({ tls, authorization: `ApiKey ${KEY}` });
      const { source, external } = alertWith();
      const _source = { "kibana.alert.workflow_status": "closed" };
      const alerts = peer.alerts(source.space ?? "");
      alerts.push({ _id: external.id ?? "", _source });
      const settings = {
        ...clusterSettings.parse({ url: peer.url, api_key: KEY }),
        kibana: peer.kibanaUrl,
      };
      return {
        ...peer,
        settings,
        secrets: [KEY],
        kept: () => alerts,
        measure: () => ({}),
        create: (http: Http) =>
          createStatusDestination({
            kibana: openKibana(settings, { name: "lab", http }),
            now: () => NOW,
          }),
      };
    },
  },
];
