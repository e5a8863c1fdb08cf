// Another program: takes the write lock of a database, prints `held`, and releases the lock when its stdin
// ends.
import process from "node:process";
import Libsql from "libsql";

const [file = ""] = process.argv.slice(2);
const database = new Libsql(file);
database.exec("begin immediate");
process.stdout.write("held\n");
process.stdin.resume().on("end", () => {
  database.exec("commit");
  database.close();
});
