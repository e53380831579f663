package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs of this host, the server and its settings. */
final class ServerExamination {

    private static final Duration MOST_SKEW = Duration.ofSeconds(5);
    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final String CLOSED = "the server lets nobody in";
    private static final List<String> PROGRAMS = List.of(
            "postgres",
            "pg_ctl",
            "pg_controldata",
            "pg_basebackup",
            "pg_verifybackup",
            "pg_amcheck",
            "pg_dump",
            "pg_dumpall",
            "pg_restore",
            "psql",
            "initdb");

    private final ClusterAccess access;
    private final Examinations found;

    ServerExamination(ClusterAccess access, Examinations found) {
        this.access = access;
        this.found = found;
    }

    void run() {
        found.examine("client programs", PROGRAMS.size() + " of one major version", this::programs);
        LiveServer.Status status = new LiveServer(live()).look();
        boolean open = found.examine("server", "accepts logins", () -> login(status));
        if (open) {
            settings();
        }
        found.examineIf(open, CLOSED, "archive_timeout", "more than 0, at most the promised RPO", this::archiveTimeout);
        Duration interval = access.cluster().markerInterval();
        if (!interval.isZero()) {
            found.examineIf(open, CLOSED, "marker", "one not older than " + words(oldestMarker()), this::marker);
        }
        found.examineIf(open, CLOSED, "clock", "within " + words(MOST_SKEW) + " of this worker's", this::skew);
    }

    private LiveContext live() {
        return LiveContext.of(access.cluster(), access.leases(), access.environment(), access.workerName());
    }

    private Seen programs() {
        List<String> wrong = new ArrayList<>();
        String major = "";
        for (String program : PROGRAMS) {
            String version = version(program);
            if (major.isEmpty()) {
                major = version;
            }
            if (version.isEmpty()) {
                wrong.add(program + " is missing");
            } else if (!version.equals(major)) {
                wrong.add(program + " is of version " + version);
            }
        }
        String where = access.cluster().binary("postgres").resolveSibling("").toString();
        return new Seen(
                wrong.isEmpty() ? "version " + major + " in " + where : String.join(", ", wrong) + " in " + where,
                wrong.isEmpty(),
                "install the server's package whole, or correct bin-directory in lifeboat.yaml");
    }

    /** The major version that a program says it has; empty when it cannot be run. */
    private String version(String program) {
        try {
            Commands.Result result = Commands.run(
                    new ServerUser(null), access.program(program, "--version"), Map.of("LC_ALL", "C"), QUICK);
            return result.succeeded() ? result.output().replaceFirst("(?s)^\\D*(\\d+).*$", "$1") : "";
        } catch (RecoveryFailure e) {
            return "";
        }
    }

    private Seen login(LiveServer.Status status) {
        return new Seen(
                status.detail(),
                status.state() == LiveState.RUNNING,
                status.state() == LiveState.REFUSING_CONNECTIONS
                        ? "check host, port, user, password and database in lifeboat.yaml, and pg_hba.conf"
                        : "start the server; if it is lost, 'lifeboat plan pitr-recovery --cluster %s --target latest'"
                                .formatted(access.cluster().name()));
    }

    private void settings() {
        try {
            for (Check check : BackupReadiness.check(ServerFacts.read(access), access)) {
                found.examine(
                        check.name(),
                        check.expected(),
                        () -> new Seen(
                                check.observed(),
                                check.verdict() == Verdict.PASS,
                                BackupReadiness.hint(check, access.cluster().name())));
            }
        } catch (RecoveryFailure e) {
            found.add(Examination.of(
                    "postgres " + access.cluster().name(),
                    "settings",
                    "fit for archiving and base backups",
                    String.valueOf(e.getMessage()),
                    false,
                    e.hint()));
        }
    }

    private Seen archiveTimeout() {
        long seconds = Long.parseLong(ask("select setting from pg_settings where name = 'archive_timeout'"));
        long rpo = Promises.rpo(access.cluster()).toSeconds();
        return new Seen(
                seconds + " s, RPO " + rpo + " s",
                seconds > 0 && seconds <= rpo,
                "'lifeboat setup postgres %s --apply' sets it to 60 s"
                        .formatted(access.cluster().name()));
    }

    private Duration oldestMarker() {
        return access.cluster().markerInterval().multipliedBy(3).plus(QUICK);
    }

    private Seen marker() {
        String setup = "'lifeboat setup postgres %s --apply' makes its table"
                .formatted(access.cluster().name());
        if (ask("select to_regclass('lifeboat.marker') is not null").equals("f")) {
            return new Seen("there is no table lifeboat.marker", false, setup);
        }
        String age = ask("select extract(epoch from clock_timestamp() - at)::bigint from lifeboat.marker");
        if (age.isEmpty()) {
            return new Seen("the table lifeboat.marker is empty", false, setup);
        }
        Duration old = Duration.ofSeconds(Math.max(0, Long.parseLong(age)));
        return new Seen(
                words(old) + " old",
                old.compareTo(oldestMarker()) <= 0,
                "see the worker's log for why it writes none; without it an idle database has no recent commit to stop at");
    }

    private Seen skew() {
        try (Connection connection = access.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select clock_timestamp()")) {
            row.next();
            Instant theirs = row.getObject(1, OffsetDateTime.class).toInstant();
            Duration off = Duration.between(Instant.now(), theirs).abs();
            return new Seen(
                    words(off) + " apart",
                    off.compareTo(MOST_SKEW) <= 0,
                    "a worker belongs on the database's own host; set the clocks right (NTP)");
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    private String ask(String sql) {
        try (Connection connection = access.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getString(1) != null ? row.getString(1) : "";
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    private static String words(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
