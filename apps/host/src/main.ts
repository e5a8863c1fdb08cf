import process from "node:process";
import { catchHangUps } from "@gatehouse/cli-kit";

const argv = process.argv.slice(2);
const [command] = argv.filter((word, index) => !word.startsWith("-") && argv[index - 1] !== "--data");
const isHost = command === "up";

// A host is told to look at its users again with SIGHUP, which ends a program that does not listen yet: before all else loads.
if (isHost) catchHangUps();

const { start } = await import("./start.ts");
await start(argv, isHost);
