/** Feeds over indices, for the sources that read Elasticsearch or OpenSearch. */
export { openIndexFeed, type IndexFeedSettings } from "./feed.ts";
