/**
 * What the product is compared with: a Node HTTP server that reads a body and answers, and nothing
 * else. Plain JavaScript, like the built product.
 */
import { createServer } from "node:http";

const ANSWER = JSON.stringify({
  accepted: 1,
  duplicates: 0,
  events: [{ id: "01KDVVNM000000000000000000", key: "kibana.alert.uuid:00000000-0000" }],
});
const HEADERS = { "content-type": "application/json", "content-length": ANSWER.length };

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    Buffer.concat(chunks);
    response.writeHead(202, HEADERS).end(ANSWER);
  });
});

process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () =>
  process.send({ id: 0, value: { port: server.address().port, key: "none" } }),
);
