package dev.lifeboat.lab.engine;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.config.SecretRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of the lab's own, in a folder of its own, on a free port of the loopback address. It runs as the
 * current user, or as {@code postgres} when that is root. TCP logins need the generated password; the socket admits only
 * the server's own user. Closing it ends every server that runs below its folder, and nothing else.
 */
public final class LabPostgres implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(3);

    /** A little less, so that pg_ctl itself says what it waited for. */
    private static final String SECONDS = "170";

    private final PostgresLayout layout;
    private final Path bin;
    private final int port;
    private final String password;
    private final PostgresClient client;

    private LabPostgres(PostgresLayout layout, Path bin, int port, String password) {
        this.layout = layout;
        this.bin = bin;
        this.port = port;
        this.password = password;
        this.client = new PostgresClient(port, layout.user(), password);
    }

    /** How to make one. */
    public static Builder in(Path folder) {
        return new Builder(folder);
    }

    /** A server with the usual settings, made and started; the folder may be new. */
    public static LabPostgres start(Path folder) {
        return in(folder).start();
    }

    public static final class Builder {
        private final Path folder;
        private String cluster = "main";
        private String database = "shop";
        private boolean debianLayout;
        private @Nullable String settings;
        private List<String> initdbOptions = List.of();

        private Builder(Path folder) {
            this.folder = folder;
        }

        /** Name of the cluster in the configuration. */
        public Builder cluster(String name) {
            this.cluster = name;
            return this;
        }

        /** A database to make. */
        public Builder database(String name) {
            this.database = name;
            return this;
        }

        /** Configuration files outside of the data directory, as Debian's packages place them. */
        public Builder debianLayout() {
            this.debianLayout = true;
            return this;
        }

        /** Lines to add to {@code postgresql.conf}. */
        public Builder settings(String lines) {
            this.settings = lines;
            return this;
        }

        public Builder initdbOptions(String... options) {
            this.initdbOptions = List.of(options);
            return this;
        }

        public LabPostgres start() {
            Path bin = PostgresPrograms.find()
                    .orElseThrow(() -> new IllegalStateException(
                            "no PostgreSQL 15 to 18 in /usr/lib/postgresql or on the PATH; install one with"
                                    + " 'apt-get install postgresql'"));
            String password = PostgresLayout.newPassword();
            int port = Ports.free();
            PostgresLayout layout = PostgresLayout.create(folder, cluster, database, debianLayout, password);
            LabPostgres server = new LabPostgres(layout, bin, port, password);
            try {
                layout.initialise(bin, port, initdbOptions, Optional.ofNullable(settings));
                server.start();
                server.createDatabase();
                return server;
            } catch (RuntimeException e) {
                server.close();
                Folders.remove(layout.root());
                throw e;
            }
        }
    }

    /** Starts it again after a stop or a kill; returns when it accepts connections. */
    public void start() {
        start(Map.of());
    }

    /** The same with variables of its own, for example of a library that is to be loaded before all others. */
    public void start(Map<String, String> environment) {
        List<String> command = new ArrayList<>(pgCtl("start", "-w", "-t", SECONDS, "-l", log().toString()));
        Path config = layout.configFile();
        if (config != null) {
            command.addAll(List.of("-o", "-c config_file=" + config));
        }
        awaitPredecessor();
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                Programs.require(layout.user(), command, environment, LIMIT);
                return;
            } catch (IllegalStateException e) {
                // After kill -9 a child of the dead server that is at work holds its shared memory until it looks up.
                String said = logTail();
                if (attempt >= 3 && !said.contains("still in use") || System.nanoTime() > end) {
                    throw new IllegalStateException(e.getMessage() + "\n" + said, e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    /** PostgreSQL does not start while the number in {@code postmaster.pid} is taken, by a dead process too until it is reaped. */
    private void awaitPredecessor() {
        pid().flatMap(ProcessHandle::of).ifPresent(process -> {
            try {
                process.onExit().get(15, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                // The number may belong to somebody else by now; the server says whether it can start.
            }
        });
    }

    public void stopFast() {
        Programs.require(layout.user(), pgCtl("stop", "-w", "-t", SECONDS, "-m", "fast"), Map.of(), LIMIT);
    }

    public void stopImmediate() {
        Programs.require(layout.user(), pgCtl("stop", "-w", "-t", SECONDS, "-m", "immediate"), Map.of(), LIMIT);
    }

    public void restart() {
        stopFast();
        start();
    }

    /** {@code kill -9} of the server that runs in the data directory; its children end by themselves. */
    public void kill() {
        pid().flatMap(ProcessHandle::of).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    public boolean isRunning() {
        return Programs.run(layout.user(), pgCtl("status"), Map.of(), LIMIT).exitCode() == 0;
    }

    /** Of the postmaster, by the data directory's own file. */
    public Optional<Long> pid() {
        try {
            return Files.readAllLines(dataDirectory().resolve("postmaster.pid")).stream()
                    .findFirst()
                    .map(line -> Long.parseLong(line.strip()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        if (pid().isPresent()) {
            Programs.run(layout.user(), pgCtl("stop", "-w", "-t", "10", "-m", "immediate"), Map.of(), LIMIT);
        }
        // Also copies that a run started below this folder, wherever they were moved since.
        ServersBelow.end(layout.root());
        Folders.remove(layout.socketDirectory());
    }

    public Path dataDirectory() {
        return layout.dataDirectory();
    }

    /** The folder that holds the data directory and everything that Lifeboat puts beside it; owned by the server's user. */
    public Path root() {
        return layout.root();
    }

    public Path binDirectory() {
        return bin;
    }

    public Path log() {
        return layout.log();
    }

    public int port() {
        return port;
    }

    /** The operating-system user that it runs as, and the name of the superuser role. */
    public String user() {
        return layout.user();
    }

    public String password() {
        return password;
    }

    public String database() {
        return layout.database();
    }

    public String jdbcUrl() {
        return jdbcUrl(database());
    }

    public String jdbcUrl(String otherDatabase) {
        return client.jdbcUrl(otherDatabase);
    }

    public Connection connect() throws SQLException {
        return client.connect(database());
    }

    /** To another database than its own. */
    public Connection connect(String other) throws SQLException {
        return client.connect(other);
    }

    /** Runs statements, each committed by itself. */
    public void execute(String... statements) {
        client.execute(database(), statements);
    }

    /** The first column of the first row, as text. */
    public @Nullable String query(String sql) {
        return client.query(database(), sql);
    }

    /**
     * Ends the segment that is written to, and names the last one that is complete then. Where nothing was written since
     * the switch before, the position is the border of two segments, which PostgreSQL from 17 on counts to the later one.
     */
    public String switchWal() {
        return String.valueOf(query("select pg_walfile_name(pg_switch_wal() - 1)"));
    }

    /**
     * Whether the archive command has taken this segment, which has to be complete ({@link #switchWal}). PostgreSQL
     * leaves {@code NAME.ready} beside a complete segment until then (its chapter 26.3.1), while its statistics name a
     * history file too, which sorts behind the segments in many collations.
     */
    public boolean hasArchived(String segment) {
        return "0"
                .equals(query(
                        "select count(*)::text from pg_ls_archive_statusdir() where name = '" + segment + ".ready'"));
    }

    /** What {@code lifeboat.yaml} would say of it. */
    public PostgresCluster config(SmokeTest... smokeTests) {
        return new PostgresCluster(
                layout.cluster(),
                dataDirectory(),
                bin,
                layout.configFile(),
                layout.user().equals(System.getProperty("user.name")) ? null : layout.user(),
                "127.0.0.1",
                port,
                user(),
                new SecretRef("file:" + passwordFile(), layout.root()),
                database(),
                List.of(database()),
                null,
                null,
                List.of(smokeTests),
                null,
                Duration.ofSeconds(2));
    }

    public Path passwordFile() {
        return layout.passwordFile();
    }

    private void createDatabase() {
        if (!database().equals("postgres")) {
            client.execute("postgres", "create database \"" + database() + "\"");
        }
    }

    private List<String> pgCtl(String... arguments) {
        return Stream.concat(
                        Stream.of(
                                bin.resolve("pg_ctl").toString(),
                                "-D",
                                dataDirectory().toString()),
                        Stream.of(arguments))
                .toList();
    }

    private String logTail() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
