package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a {@code pg_restore} that only pretends. */
@Timeout(60)
class ListProgramTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatItListsIsTheList() throws Exception {
        try (ListProgram program = started("cat", () -> {})) {
            program.offer("; TOC".getBytes(StandardCharsets.UTF_8), 5);

            assertThat(program.result(StandardCharsets.UTF_8)).isEqualTo("; TOC");
        }
    }

    @Test
    void bytesThatItCannotListAreDamaged() throws Exception {
        try (ListProgram program = started("cat >/dev/null; echo 'no valid archive' >&2; exit 1", () -> {})) {
            assertThatThrownBy(() -> program.result(StandardCharsets.UTF_8))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.BACKUP_DAMAGED))
                    .hasMessageContaining("no valid archive");
        }
    }

    /** As a system does that is short of memory: that says nothing of the dump. */
    @Test
    void whoeverEndsItHasNotSeenThatTheDumpIsDamaged() throws Exception {
        try (ListProgram program = started("kill -9 $$", () -> {})) {
            assertThatThrownBy(() -> program.result(StandardCharsets.UTF_8))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.COMMAND_FAILED))
                    .hasMessageContaining("signal 9");
        }
    }

    @Test
    void whatIsNoLongerWantedEndsWithThatAndWithNothingElse() throws Exception {
        IllegalStateException noLonger = new IllegalStateException("no longer wanted");
        try (ListProgram program = started("exec sleep 50", () -> {
            throw noLonger;
        })) {
            assertThatThrownBy(() -> program.result(StandardCharsets.UTF_8)).isSameAs(noLonger);
        }
    }

    private ListProgram started(String script, Runnable check) throws IOException {
        Path program = Files.writeString(folder.resolve("pg_restore"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        PostgresCluster cluster = ClusterOfTest.in(folder.resolve("data"), folder);
        ClusterAccess access = new ClusterAccess(cluster, new InMemoryObjectStore(), fence -> {}, Map.of(), "1@here");
        return new ListProgram(access, new Watch() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void check() {
                check.run();
            }
        });
    }
}
