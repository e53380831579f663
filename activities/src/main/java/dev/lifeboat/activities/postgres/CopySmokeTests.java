package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks the recovered copy what its owner would ask, and whether every table of every database can be read at all. */
final class CopySmokeTests {

    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final String DATABASES =
            "select datname from pg_database where datallowconn and not datistemplate order by 1";
    /** Reads the first page of each table, so that one whose file is missing or foreign is noticed; prints their number. */
    private static final String READ_EVERY_TABLE =
            """
            do $$
            declare t record; n bigint := 0;
            begin
              for t in select c.oid::regclass as name from pg_class c join pg_namespace s on s.oid = c.relnamespace
                       where c.relkind in ('r', 'm') and c.relpersistence = 'p' and s.nspname <> 'pg_toast'
              loop
                execute format('select 1 from %s limit 1', t.name);
                n := n + 1;
              end loop;
              perform set_config('lifeboat.tables', n::text, false);
            end $$;
            select current_setting('lifeboat.tables')
            """;

    private final PostgresCluster cluster;
    private final CopySession session;
    private final Watch watch;

    CopySmokeTests(PostgresCluster cluster, CopySession session, Watch watch) {
        this.cluster = cluster;
        this.session = session;
        this.watch = watch;
    }

    /** Also a check that could not be run is one: it failed. */
    List<Check> run() {
        List<Check> checks = new ArrayList<>();
        for (String database : databases()) {
            step(checks, "database " + database);
            checks.add(readable(database));
        }
        for (SmokeTest test : cluster.smokeTests()) {
            step(checks, test.name());
            checks.add(configured(test));
        }
        return checks;
    }

    /** What is no check: nobody can say that the data is wrong by it. */
    List<Finding> findings() {
        return new Collations(session).findings(databases());
    }

    private List<String> databases() {
        return session.require(CopySession.ANY_DATABASE, DATABASES).lines().toList();
    }

    private void step(List<Check> done, String what) {
        watch.check();
        watch.progress(new Progress(what, done.size(), 0, "checks"));
    }

    private Check readable(String database) {
        Commands.Result result = session.runAsSuperuser(database, READ_EVERY_TABLE, LIMIT);
        return Check.of(
                "every table of " + database + " can be read",
                "no error",
                result.succeeded()
                        ? result.output().strip() + " tables read"
                        : result.errors().strip(),
                result.succeeded());
    }

    private Check configured(SmokeTest test) {
        Commands.Result result = session.run(cluster.database(), test.sql(), LIMIT);
        if (!result.succeeded()) {
            return SmokeTestEvaluation.failed(test, result.errors().strip());
        }
        String first = result.output().lines().findFirst().orElse(null);
        int column = first == null ? -1 : first.indexOf('|');
        return SmokeTestEvaluation.evaluate(test, first == null || column < 0 ? first : first.substring(0, column));
    }
}
