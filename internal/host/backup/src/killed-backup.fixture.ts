// A backup that kills itself with SIGKILL once a part is written: `killed-backup.fixture.ts <data folder> <file>`.
import process from "node:process";
import { writeBackup } from "./write-backup.ts";

const [dataDir = "", file = ""] = process.argv.slice(2);
await writeBackup({
  dataDir,
  file,
  version: "1.2.3",
  database: "sqlite",
  encrypter: null,
  withSecrets: false,
  keyFile: null,
  signal: new AbortController().signal,
  progress: () => process.kill(process.pid, "SIGKILL"),
});
