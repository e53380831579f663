package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BackupReadinessTest {

    private static final PostgresCluster CLUSTER = new PostgresCluster(
            "main",
            Path.of("/srv/pg/main"),
            Path.of("/usr/bin"),
            null,
            null,
            "127.0.0.1",
            5432,
            "postgres",
            null,
            "shop",
            List.of("shop"),
            null,
            null,
            List.of(),
            null,
            Duration.ofSeconds(60));

    private final ClusterAccess access =
            new ClusterAccess(CLUSTER, new InMemoryObjectStore(), fence -> {}, Map.of(), "1@test");
    private final Map<String, String> text = new HashMap<>(Map.of(
            "wal_level", "replica",
            "archive_mode", "on",
            "archive_command", "/bin/sh '" + access.folder().shims() + "/archive-wal.sh' '%p' '%f'"));

    @Test
    void aServerThatWasSetUpIsReady() {
        assertThat(failed(false, true, 10, 150018)).isEmpty();
    }

    @Test
    void aStandbyIsNotBackedUp() {
        assertThat(failed(true, true, 10, 150018)).containsExactly("in recovery");
    }

    @Test
    void whatABackupOrItsWalWouldFailOfIsToldBefore() {
        assertThat(failed(false, false, 0, 170002))
                .containsExactlyInAnyOrder("version of pg_basebackup", "right to replicate", "max_wal_senders");
        text.putAll(Map.of("wal_level", "minimal", "archive_mode", "off", "archive_command", "cp %p /elsewhere/%f"));
        assertThat(failed(false, true, 1, 150018))
                .containsExactlyInAnyOrder("wal_level", "archive_mode", "archive_command");
    }

    @Test
    void eachHasItsHint() {
        assertThat(List.of(
                                "in recovery",
                                "right to replicate",
                                "max_wal_senders",
                                "version of pg_basebackup",
                                "wal_level")
                        .stream()
                        .map(name -> BackupReadiness.hint(Check.of(name, "", "", false), "main")))
                .doesNotHaveDuplicates()
                .last()
                .asString()
                .contains("setup postgres main --apply");
    }

    private Set<String> failed(boolean inRecovery, boolean mayReplicate, int senders, int version) {
        ServerFacts facts = new ServerFacts(
                "42",
                version,
                WalSegmentSize.DEFAULT,
                inRecovery,
                mayReplicate,
                1,
                Map.of("max_wal_senders", senders),
                text,
                List.of(),
                List.of(),
                "pg_basebackup (PostgreSQL) 15.14");
        return BackupReadiness.check(facts, access).stream()
                .filter(check -> check.verdict() == Verdict.FAIL)
                .map(Check::name)
                .collect(Collectors.toSet());
    }
}
