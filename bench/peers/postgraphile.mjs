// PostGraphile as it comes: inflection left alone, plain lists offered, every relation and column usable.
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";

export default {
  extends: [PostGraphileAmberPreset],
  // It takes only indexes whose first column it wants; ours are all led by the tenant.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: { defaultBehavior: "+list" },
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      pgSettings: () => ({ "app.tenant": process.env.TENANT }),
    }),
  ],
  grafserv: { host: "127.0.0.1", port: Number(process.env.PORT), watch: false, graphiql: false },
};
