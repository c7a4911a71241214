/** Whether a cluster has what the documents need: index template, lifecycle policy, privileges. */
import type { ClusterInfo, ElasticCluster } from "../../elastic/cluster/cluster.ts";
import { describeSupport } from "../../elastic/cluster/support.ts";
import { TocsinError } from "../../errors.ts";
import type { Finding } from "../destination.ts";
import type { Target } from "./target.ts";
import {
  indexTemplate,
  LIFECYCLE_POLICY,
  OWNER,
  POLICY_NAME,
  templateName,
  VERSION,
} from "./template.ts";

/**
 * Looks, and installs what is missing when asked to. What is there and not ours is never replaced, and
 * neither is a policy, which is meant to be changed. Throws what the client throws when the cluster
 * cannot be reached.
 */
export async function inspectTarget(
  cluster: ElasticCluster,
  target: Target,
  install: boolean,
): Promise<readonly Finding[]> {
  const info = await cluster.info();
  const privileges = await lookAtPrivileges(cluster, target, install);
  const policy = target.isStream ? await lookAtPolicy(cluster, install) : undefined;
  const hasPolicies = policy !== undefined && policy.state !== "unknown";
  const template = await lookAtTemplate(cluster, target, { hasPolicies, install });
  const stream = target.isStream ? await lookAtStream(cluster, target) : undefined;
  const all = [aboutCluster(cluster, info), privileges, policy, template, stream];
  return all.filter((finding) => finding !== undefined);
}

function aboutCluster({ name }: ElasticCluster, info: ClusterInfo): Finding {
  const subject = `cluster ${name}`;
  const flavour = info.flavour === "opensearch" ? "OpenSearch" : "Elasticsearch";
  const lacks = describeSupport(info);
  return lacks === null
    ? { subject, state: "fine", detail: `${flavour} ${info.version}` }
    : { subject, state: "unknown", detail: lacks };
}

async function lookAtPrivileges(
  cluster: ElasticCluster,
  { name, isStream }: Target,
  install: boolean,
): Promise<Finding> {
  const subject = `privileges on ${name}`;
  const privileges = isStream ? ["create_doc", "auto_configure"] : ["index", "create_index"];
  const needed = install ? ["manage_index_templates", ...(isStream ? ["manage_ilm"] : [])] : [];
  return await looking(subject, async () => {
    const indices = [{ names: [name], privileges }];
    const granted = await cluster.privileges({ cluster: needed, indices });
    if (!granted)
      return { subject, state: "fine", detail: "this cluster cannot be asked for them" };
    const lacking = [
      ...needed.filter((each) => granted.cluster.get(each) !== true),
      ...privileges.filter((each) => granted.indices.get(name)?.get(each) !== true),
    ];
    if (lacking.length === 0)
      return { subject, state: "fine", detail: [...needed, ...privileges].join(", ") };
    const hint = `give ${granted.user} a role with them`;
    return { subject, state: "missing", detail: lacking.join(", "), hint };
  });
}

const NO_POLICIES = "this cluster has no lifecycle policies";

async function lookAtPolicy(cluster: ElasticCluster, install: boolean): Promise<Finding> {
  const subject = `lifecycle policy ${POLICY_NAME}`;
  return await looking(subject, async () => {
    const found = await cluster.readKept("lifecycle_policy", POLICY_NAME);
    if (found === undefined) return { subject, state: "unknown", detail: NO_POLICIES, hint: ISM };
    if (found) return { subject, state: "fine", detail: "it is there" };
    if (!install) return { subject, state: "missing", detail: "it is not there", hint: INSTALL };
    await cluster.writeKept("lifecycle_policy", POLICY_NAME, LIFECYCLE_POLICY);
    return { subject, state: "installed", detail: "a new index each month or at 50 GB" };
  });
}

const INSTALL = "run this again with --install";
const ISM = "OpenSearch manages indices by ISM policies: attach one of your own to the stream";

async function lookAtTemplate(
  cluster: ElasticCluster,
  target: Target,
  { hasPolicies, install }: { readonly hasPolicies: boolean; readonly install: boolean },
): Promise<Finding> {
  const name = templateName(target);
  const subject = `index template ${name}`;
  return await looking(subject, async () => {
    const found = await cluster.readKept("index_template", name);
    if (found === undefined)
      return { subject, state: "unknown", detail: "this cluster has no index templates" };
    const state = stateOfTemplate(found);
    if (state === "fine") return { subject, state, detail: `version ${VERSION}` };
    if (state === "foreign")
      return { subject, state: "wrong", detail: "somebody else's", hint: "remove or rename it" };
    const detail = state === "old" ? "of an older version" : "it is not there";
    if (!install)
      return { subject, state: state === "old" ? "wrong" : "missing", detail, hint: INSTALL };
    await cluster.writeKept("index_template", name, indexTemplate(target, hasPolicies));
    return {
      subject,
      state: "installed",
      detail: `version ${VERSION}, for what comes from now on`,
    };
  });
}

type Kept = Awaited<ReturnType<ElasticCluster["readKept"]>>;

/** Reads `{index_templates: [{name, index_template: {_meta}}]}`. */
function stateOfTemplate(found: Kept): "fine" | "old" | "foreign" | "missing" {
  const [first] = (found?.["index_templates"] ?? []) as readonly KeptTemplate[];
  if (!first) return "missing";
  const { managed_by, version } = first.index_template?._meta ?? {};
  if (managed_by !== OWNER) return "foreign";
  return version === VERSION ? "fine" : "old";
}

interface KeptTemplate {
  readonly index_template?: {
    readonly _meta?: { readonly managed_by?: unknown; readonly version?: unknown };
  };
}

async function lookAtStream(cluster: ElasticCluster, { name }: Target): Promise<Finding> {
  const subject = `data stream ${name}`;
  return await looking(subject, async () => {
    const found = await cluster.readKept("data_stream", name);
    if (found) return { subject, state: "fine", detail: "it is there" };
    const [index] = await cluster.listIndices(name);
    if (index) return { subject, state: "wrong", detail: "it is a plain index", hint: PLAIN };
    if (found === undefined)
      return { subject, state: "unknown", detail: "this cluster has none: it becomes an index" };
    return { subject, state: "fine", detail: "it comes with the first alert" };
  });
}

const PLAIN = "it was there before the template: name another stream, or use the setting index";

/** A refusal is a finding of its own; what cannot be reached at all is the caller's to tell. */
async function looking(subject: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof TocsinError) || error.code !== "CLUSTER_REFUSED") throw error;
    return { subject, state: "unknown", detail: error.message, hint: error.hint };
  }
}
