/**
 * What is pasted into Kibana and the cluster for the index connector: the template of its index, and
 * the documents of its actions. The guide on Elastic shows the same texts.
 */

/** The body of `PUT /_index_template/…` for an index, with its numbered successors. */
export function indexTemplate(index: string): string {
  const pattern = index.endsWith("*") ? index : `${index}*`;
  return `{
  "index_patterns": [${JSON.stringify(pattern)}],
  "template": {
    "settings": { "number_of_shards": 1 },
    "mappings": {
      "dynamic": false,
      "properties": {
        "@timestamp": { "type": "date" },
        "rule": { "properties": { "name": { "type": "keyword" }, "id": { "type": "keyword" } } },
        "context": { "type": "object", "enabled": false }
      }
    }
  }
}`;
}

/** The document to index, by the kind of rule that acts; templates of Mustache. */
export const CONNECTOR_DOCUMENTS = {
  "Elasticsearch query": `{
  "date": "{{date}}",
  "kibanaBaseUrl": "{{kibanaBaseUrl}}",
  "rule": {
    "id": "{{rule.id}}", "name": "{{rule.name}}", "spaceId": "{{rule.spaceId}}",
    "tags": "{{rule.tags}}", "url": "{{rule.url}}"
  },
  "context": {
    "message": "{{context.message}}",
    "link": "{{context.link}}",
    "hits": "[{{context.hits}}]"
  }
}`,
  "detection rule": `{
  "date": "{{date}}",
  "rule": { "id": "{{rule.id}}", "name": "{{rule.name}}", "spaceId": "{{rule.spaceId}}" },
  "context": {
    "results_link": "{{context.results_link}}",
    "alerts": "[{{context.alerts}}]"
  }
}`,
} as const;

/** What to paste for one index. */
export interface ConnectorBodies {
  readonly index: string;
  readonly index_template: string;
  /** By the kind of rule. */
  readonly documents: Readonly<Record<string, string>>;
}

export function connectorBodies(index: string): ConnectorBodies {
  return { index, index_template: indexTemplate(index), documents: CONNECTOR_DOCUMENTS };
}
