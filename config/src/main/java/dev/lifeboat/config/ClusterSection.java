package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Dumps;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.domain.Objectives;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One cluster below {@code postgres:}. */
final class ClusterSection {

    private static final List<String> KEYS = List.of(
            "data-directory",
            "bin-directory",
            "config-file",
            "run-as",
            "host",
            "port",
            "user",
            "password",
            "database",
            "databases",
            "start",
            "stop",
            "smoke-tests",
            "objectives",
            "marker-interval",
            "spool-directory",
            "dump-timeout",
            "dump-lock-timeout",
            "dump-role-passwords",
            "migrate");

    private static final Duration MARKER_INTERVAL = Duration.ofMinutes(1);

    /** PostgreSQL counts these in milliseconds, and takes 0 for "for ever". */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private ClusterSection() {}

    static PostgresCluster read(String name, Section section) {
        section.allows(KEYS, List.of());
        if (section.has("start") != section.has("stop")) {
            section.problem(
                    section.has("start") ? "start" : "stop",
                    "needs its other half: start and stop go together, or are both left out for pg_ctl");
        }
        Integer port = section.port("port");
        return new PostgresCluster(
                name,
                section.requiredFile("data-directory"),
                section.requiredFile("bin-directory"),
                section.file("config-file"),
                section.optional("run-as"),
                section.text("host", "127.0.0.1"),
                port == null ? 5432 : port,
                section.text("user", "postgres"),
                section.secret("password"),
                section.text("database", "postgres"),
                section.texts("databases"),
                section.optional("start"),
                section.optional("stop"),
                section.sections("smoke-tests").stream()
                        .map(ClusterSection::smokeTest)
                        .toList(),
                section.section("objectives").map(ClusterSection::objectives).orElse(null),
                section.duration("marker-interval", MARKER_INTERVAL),
                section.file("spool-directory"),
                dumps(section),
                section.optional("migrate"));
    }

    private static Dumps dumps(Section section) {
        Duration timeout = section.duration("dump-timeout", Dumps.USUAL.timeout());
        Duration lockTimeout = section.duration("dump-lock-timeout", Dumps.USUAL.lockTimeout());
        if (timeout.isZero()) {
            section.problem("dump-timeout", "must be longer than zero");
        }
        if (lockTimeout.compareTo(SHORTEST_WAIT) < 0 || lockTimeout.compareTo(LONGEST_WAIT) > 0) {
            section.problem("dump-lock-timeout", "must be between %s and %s".formatted(SHORTEST_WAIT, LONGEST_WAIT));
        }
        return new Dumps(timeout, lockTimeout, section.flag("dump-role-passwords", Dumps.USUAL.rolePasswords()));
    }

    private static SmokeTest smokeTest(Section section) {
        section.allows(List.of("name", "sql", "at-least", "equals"), List.of());
        String name = section.required("name");
        String sql = section.required("sql");
        if (section.has("at-least") == section.has("equals")) {
            section.problem("name", "needs exactly one of at-least and equals");
        }
        return new SmokeTest(name, sql, section.number("at-least"), section.literal("equals"));
    }

    private static @Nullable Objectives objectives(Section section) {
        section.allows(List.of("rto", "rpo"), List.of());
        section.required("rto");
        section.required("rpo");
        Duration rto = section.duration("rto", Duration.ofHours(1));
        if (rto.isZero()) {
            section.problem("rto", "must be longer than zero");
        }
        return new Objectives(rto, section.duration("rpo", Duration.ofHours(1)));
    }
}
