package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.Chain.Act;
import dev.lifeboat.activities.postgres.ChainStory.Expectation;
import dev.lifeboat.activities.postgres.ChainStory.Moment;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A cluster to which a {@link Chain} happens, with the product's own archiver beside it and a bucket in memory. */
final class ChainWorld implements AutoCloseable {

    private static final String STATE =
            """
            select concat_ws(' | ',
              (select count(*) || ' orders ' || coalesce(md5(string_agg(id || text, ',' order by id)), '') from orders),
              (select string_agg(relname, ' ' order by relname) from pg_class
                 where relkind = 'r' and relnamespace = 'public'::regnamespace),
              (select string_agg(gid, ' ' order by gid) from pg_prepared_xacts))""";

    private final Path folder = Folders.temporary("chain");
    final ChainStory story = new ChainStory();
    final LabPostgres server;
    final ArchivedCluster cluster;
    private int serial;

    ChainWorld(int segmentMib) throws Exception {
        server = LabPostgres.in(folder.resolve("pg"))
                .settings("max_prepared_transactions=50\nautovacuum=off\nmax_wal_size=512MB\n")
                .initdbOptions("--wal-segsize=" + segmentMib)
                .start();
        cluster = new ArchivedCluster(server);
        server.execute("create table orders (id bigint primary key, text text)");
        cluster.backUp();
        perform(Act.COMMIT);
    }

    /** One more thing happens, and what there is then is remembered. */
    void perform(Act act) throws Exception {
        int n = ++serial;
        switch (act) {
            case COMMIT -> commit(insert(n, 1 + n % 7, "small"));
            case BIG_COMMIT -> commit(insert(n, 9_000, "big " + "x".repeat(150)));
            case SAVEPOINTS ->
                commit(
                        "savepoint a",
                        insert(n, 3, "in a"),
                        "savepoint b",
                        insert(n, 4, "in b"),
                        "rollback to savepoint b",
                        "savepoint c",
                        insert(n, 5, "in c"),
                        "release savepoint c",
                        insert(n, 6, "behind"));
            case ROLLBACK -> {
                server.execute("begin", insert(n, 50, "no"), "rollback");
                // Its time is not known to anybody; what comes next has one.
                commit(insert(n, 2, "after a rollback"));
            }
            case PREPARE -> {
                server.execute("begin", insert(n, 3, "prepared"), "prepare transaction 'p" + n + "'");
                remember(null, null);
            }
            case FINISH_PREPARED -> finishPrepared(n);
            case CREATE_TABLE -> commit("create table t" + n + " as select g from generate_series(1, 300) g");
            case DROP_TABLE -> dropTable();
            case RESTORE_POINT -> {
                String name = "point " + n % 5;
                server.execute("select pg_create_restore_point('" + name + "')");
                remember(null, name);
            }
            case SWITCH_SEGMENT -> {
                server.execute("select pg_switch_wal()");
                remember(null, null);
            }
            case CHECKPOINT -> {
                server.execute("checkpoint");
                remember(null, null);
            }
            case RESTART -> {
                server.restart();
                remember(null, null);
            }
            case KILL_AND_START -> {
                server.kill();
                server.start();
                remember(null, null);
            }
            case BACK_UP -> {
                cluster.backUp();
                remember(null, null);
            }
        }
    }

    void end(Chain.Ending ending) throws Exception {
        switch (ending) {
            case RUNNING -> {}
            case STOPPED -> server.stopFast();
            case KILLED -> server.kill();
            case GONE -> {
                server.kill();
                FileTrees.delete(server.dataDirectory());
                cluster.awaitArchiver();
                story.loses(endOfArchive());
            }
        }
    }

    /** How far the segments of the current timeline in the bucket follow each other without a hole. */
    private Lsn endOfArchive() {
        ClusterAccess access = cluster.access();
        BaseBackupManifest manifest = access.backups()
                .manifests(access.backups().newest().orElseThrow().systemId())
                .get(0);
        WalSegmentSize size = manifest.walSegmentSize();
        int timeline = story.current();
        Lsn inherited = story.moments(timeline).stream()
                .filter(moment -> moment.timeline() != timeline)
                .map(Moment::lsn)
                .reduce((first, second) -> second)
                .orElse(new Lsn(0));
        // The archiver sends them in order.
        return access.archive(manifest.systemId()).names().getOrDefault(timeline, new TreeSet<>()).stream()
                .filter(WalSegmentSize::isSegmentName)
                .reduce((first, second) -> second)
                .map(name -> size.endOf(size.parse(name)))
                .orElse(inherited);
    }

    PlannedRecovery plan(Expectation wanted, Placement placement) {
        return cluster.plan(wanted.target(), wanted.exclusive(), Integer.toString(wanted.timeline()), placement);
    }

    String state() {
        return String.valueOf(server.query(STATE));
    }

    private static String insert(int n, int rows, String text) {
        return "insert into orders select (select coalesce(max(id), 0) from orders) + %d * 100000 + g, '%s ' || g from generate_series(1, %d) g"
                .formatted(n, text, rows);
    }

    private void commit(String... statements) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            String before = one(statement, STATE);
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            long xid = Long.parseLong(one(statement, "select pg_current_xact_id()::xid::text"));
            connection.commit();
            // A prepared transaction was rolled back in front of it perhaps.
            boolean changed = !story.isEmpty() && !before.equals(story.now().state());
            remember(xid, null, changed ? before : null);
        }
    }

    private void finishPrepared(int n) throws SQLException {
        String gid = server.query("select gid from pg_prepared_xacts order by gid limit 1");
        String xid = server.query("select transaction::text from pg_prepared_xacts order by gid limit 1");
        if (gid == null || xid == null) {
            commit(insert(n, 1, "nothing was prepared"));
        } else if (n % 3 == 0) {
            server.execute("rollback prepared '" + gid + "'");
            commit(insert(n, 1, "after a rollback"));
        } else {
            server.execute("commit prepared '" + gid + "'");
            remember(Long.parseLong(xid), null);
        }
    }

    private void dropTable() throws SQLException {
        String table = server.query("select relname from pg_class where relname ~ '^t[0-9]+$' order by 1 limit 1");
        commit(table == null ? insert(++serial, 1, "no table") : "drop table " + table);
    }

    private void remember(@Nullable Long xid, @Nullable String point) throws SQLException {
        remember(xid, point, null);
    }

    private void remember(@Nullable Long xid, @Nullable String point, @Nullable String before) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            Lsn lsn = Lsn.parse(one(statement, "select pg_current_wal_insert_lsn()"));
            OffsetDateTime time = null;
            if (xid != null) {
                try (ResultSet row = statement.executeQuery("select pg_xact_commit_timestamp('" + xid + "'::xid)")) {
                    row.next();
                    time = row.getObject(1, OffsetDateTime.class);
                }
            }
            story.add(new Moment(
                    story.current(),
                    lsn,
                    time == null ? null : time.toInstant(),
                    xid,
                    point,
                    before,
                    one(statement, STATE)));
        }
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    @Override
    public void close() {
        cluster.close();
        Folders.remove(folder);
    }
}
