// ws_client.js URL KEY COUNT: sends COUNT events by npm's ws without waiting, checks the answers.
"use strict";
const WebSocket = require("ws");
const [url, key, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const socket = new WebSocket(url, { headers: { "X-Sentry-Auth": key } });
const ids = [];
socket.on("open", () => {
  for (let i = 0; i < count; i++) {
    if (i % 3 === 0) {
      const text = JSON.stringify({ message: "node é " + i, extra: { a: [1, { b: i }] } }, null, 2);
      socket.send(text.slice(0, 9), { fin: false });
      socket.send(text.slice(9, 12), { fin: false });
      socket.send(text.slice(12), { fin: true });
    } else {
      socket.send(JSON.stringify({ message: "node é " + i }), { binary: i % 3 === 1 });
    }
  }
  socket.ping();
});
socket.on("message", (data) => {
  const answer = JSON.parse(data.toString());
  if (answer.status !== "accepted") throw new Error(data.toString());
  ids.push(answer.id);
  if (ids.length === count) socket.close();
});
socket.on("close", () => {
  console.log(JSON.stringify(ids));
});
socket.on("unexpected-response", (request, response) => {
  console.log(JSON.stringify({ status: response.statusCode }));
  process.exit(1);
});
