package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * One cluster with everything that a cluster of the lab usually has not, and whose story goes on: {@code pg_wal} behind a
 * link, WAL segments of 64 MiB, data checksums, included files in and beside the data directory, logins over TLS only,
 * unlogged tables, large objects, replication slots and a subscription.
 */
@Tag("any-engine")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OddClustersIT {

    private static final RecoveryTarget GOOD = new RecoveryTarget.AtRestorePoint("good");
    private static final String STATE =
            "select (select count(*) || ' ' || md5(string_agg(id || text, ',' order by id)) from orders) || ' '"
                    + " || md5(lo_get(4711))";

    private static final Path FOLDER = Folders.temporary("odd");
    private static LabPostgres server;
    private static ArchivedCluster cluster;
    private static Path wal;
    private static boolean tls;
    private static String atGood = "";

    @BeforeAll
    static void anOddCluster() throws Exception {
        String user = System.getProperty("user.name").equals("root") ? "postgres" : System.getProperty("user.name");
        wal = Folders.owned(FOLDER.resolve("disk-for-wal"), user, "rwx------");
        server = LabPostgres.in(FOLDER.resolve("pg"))
                .settings("wal_level=logical\nautovacuum=off\n")
                .initdbOptions("--waldir=" + wal, "--wal-segsize=64", "--data-checksums")
                .start();
        tls = !String.valueOf(server.query("show ssl_library")).isEmpty();
        if (!tls) {
            System.out.println("OddClustersIT: this server was built without TLS; logins over TLS were not tried");
        }
        Path data = server.dataDirectory();
        Path beside = Folders.owned(data.resolveSibling("conf.d"), user, "rwx------");
        write(beside.resolve("ours.conf"), "work_mem = '7MB'\n");
        write(data.resolve("inside.conf"), "maintenance_work_mem = '9MB'\n");
        write(
                data.resolve("pg_hba.conf"),
                "local all all peer\n%1$s all all 127.0.0.1/32 scram-sha-256\n%1$s replication all 127.0.0.1/32 scram-sha-256\n"
                        .formatted(tls ? "hostssl" : "host"));
        Commands.require(
                user(),
                List.of(
                        "openssl",
                        "req",
                        "-new",
                        "-x509",
                        "-days",
                        "30",
                        "-nodes",
                        "-subj",
                        "/CN=lab",
                        "-out",
                        data.resolve("server.crt").toString(),
                        "-keyout",
                        data.resolve("server.key").toString()),
                Map.of(),
                Duration.ofSeconds(30));
        Files.writeString(
                data.resolve("postgresql.conf"),
                "include 'inside.conf'\ninclude_dir = '../conf.d'   # for all clusters of this host\n"
                        + "include_if_exists 'not-here.conf'\nssl = " + (tls ? "on" : "off") + "\n",
                StandardOpenOption.APPEND);
        cluster = new ArchivedCluster(server);
        fill();
    }

    private static void fill() throws Exception {
        server.execute(
                "create table orders (id int primary key, text text)",
                "insert into orders select g, 'order ' || g from generate_series(1, 2000) g",
                "create unlogged table hot as select g from generate_series(1, 3000) g",
                "create index on hot (g)",
                "select lo_from_bytea(4711, convert_to(repeat('large ', 200000), 'UTF8'))",
                "create publication pub for table orders",
                "select pg_create_logical_replication_slot('follower', 'pgoutput')",
                "select pg_create_physical_replication_slot('standby_one', true)",
                "create database reader");
        String conninfo = "host=127.0.0.1 port=%d user=%s password=%s dbname=%s sslmode=prefer"
                .formatted(server.port(), server.user(), server.password(), server.database());
        try (Connection reader =
                        DriverManager.getConnection(server.jdbcUrl("reader"), server.user(), server.password());
                Statement statement = reader.createStatement()) {
            statement.execute("create table orders (id int primary key, text text)");
            statement.execute("create subscription follower connection '" + conninfo
                    + "' publication pub with (create_slot = false, slot_name = 'follower')");
            await("the subscription's first copy")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        try (ResultSet row = statement.executeQuery("select count(*) from orders")) {
                            row.next();
                            return row.getInt(1) == 2000;
                        }
                    });
        }
    }

    @AfterAll
    static void end() {
        cluster.close();
        Folders.remove(FOLDER);
    }

    @Test
    @Order(1)
    void itsBackupAndWalAreArchivedAndTheWindowHasNoHole() throws Exception {
        BaseBackupManifest taken = cluster.backUp();
        server.execute(
                "insert into orders select g, 'later ' || g from generate_series(2001, 2500) g",
                "select lo_put(4711, 100, 'changed after the backup')");
        atGood = String.valueOf(server.query(STATE));
        server.execute("select pg_create_restore_point('good')", "delete from orders", "select lo_unlink(4711)");
        String last = server.switchWal();
        WalArchive archive = cluster.access().archive(taken.systemId());
        await().atMost(Duration.ofSeconds(60)).until(() -> archive.has(last));

        assertThat(taken.walSegmentSize().bytes()).isEqualTo(64 << 20);
        assertThat(cluster.catalog().window("main").holes()).isEmpty();
        assertThat(cluster.catalog().window("main").ranges()).singleElement().satisfies(range -> assertThat(range.to())
                .isAfter(range.from()));
        assertThat(taken.outside())
                .extracting(BaseBackupManifest.OutsideFile::path)
                .contains(server.dataDirectory()
                        .resolveSibling("conf.d/ours.conf")
                        .toString());
    }

    @Test
    @Order(2)
    void aDrillHasItsOwnWalFolderItsOwnersSettingsAndNothingThatActsAsTheOriginal() throws Exception {
        String live = String.valueOf(server.query("select count(*) from orders"));
        Set<String> before = walFiles();
        RecoveryOrder order = cluster.order(cluster.plan(GOOD, false, null, Placement.DRILL));

        cluster.recoverCopy(order);

        Path copy = Path.of(order.plan().directories().copy());
        assertThat(cluster.ask(order, STATE)).isEqualTo(atGood);
        assertThat(cluster.ask(order, "select count(*) from hot")).isEqualTo("0");
        assertThat(cluster.ask(order, "show wal_segment_size")).isEqualTo("64MB");
        assertThat(cluster.ask(order, "show data_checksums")).isEqualTo("on");
        assertThat(cluster.ask(order, "show work_mem")).isEqualTo("7MB");
        assertThat(cluster.ask(order, "show maintenance_work_mem")).isEqualTo("9MB");
        assertThat(cluster.ask(order, "select count(*) from pg_replication_slots"))
                .isEqualTo("0");
        assertThat(cluster.ask(order, "select count(*) from pg_stat_activity where backend_type like 'logical%'"))
                .isEqualTo("0");
        assertThat(Files.isDirectory(copy.resolve("pg_wal"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(walFiles()).isEqualTo(before);
        assertThat(server.query("select count(*) from orders")).isEqualTo(live);
        cluster.copy().removeCopy(order);
        assertThat(walFiles()).isEqualTo(before);
    }

    @Test
    @Order(3)
    void aSwapThatIsUndoneLeavesTheLinkAndEverythingBehindItAsItWas() throws Exception {
        String state = String.valueOf(server.query("select count(*) from orders"));
        RecoveryOrder order = cluster.order(cluster.plan(GOOD, false, null, Placement.IN_PLACE));
        cluster.close(order);
        cluster.recoverCopy(order);
        cluster.copy().makeDurable(order, CopyWorld.NOBODY);
        Set<String> before = walFiles();
        cluster.live().swapIn(order);
        assertThat(walFiles()).isEqualTo(before);

        cluster.live().swapBack(order);
        cluster.copy().removeCopy(order);
        cluster.live().startServer(order);
        cluster.live().liftQuiesce(order);

        assertThat(Files.readSymbolicLink(server.dataDirectory().resolve("pg_wal")))
                .isEqualTo(wal);
        assertThat(server.query("select count(*) from orders")).isEqualTo(state);
        assertThat(server.query("select count(*) from pg_replication_slots")).isEqualTo("2");
    }

    @Test
    @Order(4)
    void inPlaceItIsWhatItWasAndTheReportNamesWhatIsNotAsBefore() throws Exception {
        RecoveryOrder order = cluster.order(cluster.plan(GOOD, false, null, Placement.IN_PLACE));

        cluster.recover(order);

        assertThat(server.query(STATE)).isEqualTo(atGood);
        assertThat(server.query("select count(*) from hot")).isEqualTo("0");
        assertThat(server.query("show work_mem")).isEqualTo("7MB");
        assertThat(cluster.reopened().checks()).extracting(Check::verdict).containsOnly(Verdict.PASS);
        assertThat(cluster.swapped().findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("pg_wal was a link to " + wal));
        assertThat(cluster.reopened().findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("2 replication slot(s)") && what.contains("standby_one"))
                .anyMatch(what -> what.contains("1 subscription(s)") && what.contains("follower"));
        cluster.backUp();
        assertThat(cluster.catalog().window("main").holes()).isEmpty();
    }

    /** Somebody may have put the new cluster's WAL there, as the finding advises. */
    @Test
    @Order(5)
    void removingTheOldDirectoryDoesNotReachThroughItsLink() throws IOException {
        Set<String> before = walFiles();
        List<KeptDirectory> kept = KeptDirectory.of(server.config());

        for (KeptDirectory directory : kept) {
            directory.remove();
        }

        assertThat(kept).isNotEmpty();
        assertThat(kept).allSatisfy(each -> assertThat(Path.of(each.path())).doesNotExist());
        assertThat(walFiles()).isEqualTo(before).isNotEmpty();
    }

    @Test
    @Order(6)
    void aCopyBesideTakesLoginsOverTlsOnlyAsTheOriginalDoes() throws Exception {
        int port = Ports.free();
        Path into = server.root().resolve("beside");
        RecoveryOrder order = cluster.order(
                cluster.plan(new RecoveryTarget.Latest(), false, null, Placement.INTO, into.toString(), port));
        cluster.recoverCopy(order);
        cluster.copy().makeDurable(order, CopyWorld.NOBODY);

        StepOutcome opened = cluster.live().reopen(order);

        assertThat(opened.checks()).extracting(Check::verdict).containsOnly(Verdict.PASS);
        assertThat(askAt(port, tls ? "require" : "disable", "select count(*) from orders"))
                .isEqualTo("2500");
        assertThat(askAt(port, tls ? "require" : "disable", "show work_mem")).isEqualTo("7MB");
        assertThat(askAt(
                        port,
                        tls ? "require" : "disable",
                        "select count(*) from pg_stat_activity where backend_type like 'logical%'"))
                .isEqualTo("0");
        if (tls) {
            assertThatThrownBy(() -> askAt(port, "disable", "select 1")).hasMessageContaining("pg_hba.conf");
        }
        pgCtl(into, "stop", "-m", "fast");
    }

    @Test
    @Order(7)
    void everyPageOfTheRecoveredClusterHasItsChecksum() {
        server.stopFast();

        String said = Commands.require(
                user(),
                List.of(
                        server.binDirectory().resolve("pg_checksums").toString(),
                        "--check",
                        "-D",
                        server.dataDirectory().toString()),
                Map.of(),
                Duration.ofMinutes(1));

        assertThat(said).contains("Bad checksums:  0");
        server.start();
    }

    private static ServerUser user() {
        return new ServerUser(server.config().runAs());
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        user().own(file);
    }

    /** Names only: the live server goes on writing. */
    private static Set<String> walFiles() throws IOException {
        try (Stream<Path> files = Files.walk(wal)) {
            return files.map(file -> wal.relativize(file).toString())
                    // What the live server makes and renames by itself in the meantime.
                    .filter(name -> name.endsWith(".history")
                            || name.startsWith("0000000200")
                            || name.isEmpty()
                            || name.equals("archive_status"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String askAt(int port, String sslmode, String sql) throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=%s".formatted(port, server.database(), sslmode);
        try (Connection connection = DriverManager.getConnection(url, server.user(), server.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void pgCtl(Path directory, String... arguments) {
        Commands.require(
                user(),
                Stream.concat(
                                Stream.of(
                                        server.binDirectory().resolve("pg_ctl").toString(), "-D", directory.toString()),
                                Stream.of(arguments))
                        .toList(),
                Map.of(),
                Duration.ofSeconds(60));
    }
}
