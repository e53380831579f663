package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a {@code pg_verifybackup} that only pretends. */
class BackupVerificationTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatItFindsIsTheCheck() throws IOException {
        assertThat(verify("exit 0")).extracting(Check::verdict).containsExactly(Verdict.PASS);
        assertThat(verify("echo 'checksum mismatch for file' >&2; exit 1"))
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
                    assertThat(check.observed()).contains("checksum mismatch");
                });
    }

    @Test
    void whoeverEndsItHasNotSeenThatTheBackupIsDamaged() {
        assertThatThrownBy(() -> verify("kill -9 $$"))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.COMMAND_FAILED))
                .hasMessageContaining("signal 9");
    }

    private List<Check> verify(String script) throws IOException {
        Path program = Files.writeString(folder.resolve("pg_verifybackup"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        PostgresCluster cluster = ClusterOfTest.in(folder.resolve("live"), folder);
        RecoveryWorkspace workspace = new RecoveryWorkspace(
                new Directories(
                        folder.resolve("live").toString(),
                        folder.resolve("work/data").toString(),
                        folder.resolve("work").toString(),
                        0),
                new ServerUser(null));
        return BackupVerification.run(cluster, workspace);
    }
}
