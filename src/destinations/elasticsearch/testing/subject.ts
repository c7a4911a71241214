import { startElasticsearch } from "../../../../test/peers/elasticsearch.ts";
import type { PeerTls } from "../../../../test/peers/peer.ts";
import { openCluster } from "../../../elastic/cluster/cluster.ts";
import { clusterSettings } from "../../../elastic/cluster/settings.ts";
import type { Http } from "../../../net/http.ts";
import { contextWith } from "../../testing/messages.ts";
import type { HttpSubject } from "../../testing/subject.ts";
import { elasticsearch, type ElasticsearchConfig } from "../elasticsearch.ts";
import { indexTemplate } from "../template.ts";

const KEY = "a2V5LW9mLXRoZS1jbHVzdGVy";
const STREAM = "logs-tocsin.alerts-default";
const INDEX = "tocsin-alerts";

export const subjects: readonly HttpSubject[] = [
  subjectFor("a data stream of elasticsearch", {}),
  subjectFor("an index of elasticsearch", { index: INDEX }),
];

function subjectFor(name: string, own: Partial<ElasticsearchConfig>): HttpSubject {
  return {
    transport: "http",
    name,
    ...(own.index === undefined ? { appends: true } : {}),
    // The client reads JSON alone, so the words of anything else are not quoted.
    verdict: (fault) => {
      if (fault === "bad_request")
        return { kind: "reject", reason: "rejected_by_peer", status: 400 };
      if (fault === "server_error") return { kind: "retry", reason: "server_error", status: 500 };
      return undefined;
    },
    start: async (tls) => await startSubject(own, tls),
  };
}

async function startSubject(own: Partial<ElasticsearchConfig>, tls: PeerTls | undefined) {
  const peer = await startElasticsearch({ tls, authorization: `ApiKey ${KEY}` });
  const target = { name: own.index ?? STREAM, isStream: own.index === undefined };
  peer.templates.set(`tocsin-${target.name}`, indexTemplate(target, true));
  const cluster = clusterSettings.parse({ url: peer.url, api_key: KEY });
  return {
    ...peer,
    ...peer.faults,
    settings: { cluster: "lab", ...own },
    secrets: [KEY],
    kept: () => peer.documents,
    measure: (kept: unknown) => {
      const { _id } = kept as { _id: string };
      return { _id: Buffer.byteLength(_id), request: Buffer.byteLength(JSON.stringify(kept)) };
    },
    create: (http: Http) => {
      const lab = openCluster(cluster, { name: "lab", http });
      return elasticsearch.create(
        { cluster: "lab", ...own },
        contextWith({ cluster: lab }).context,
      );
    },
  };
}
