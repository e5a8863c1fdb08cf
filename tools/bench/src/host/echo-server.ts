import { createServer } from "node:net";

// node echo-server.ts PATH: answers every line with itself. The minimum cost of newline-delimited frames in
// Node.
createServer((socket) => {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) socket.write(`${line}\n`);
  });
  socket.on("error", () => {});
}).listen(process.argv[2], () => console.log("ready"));
