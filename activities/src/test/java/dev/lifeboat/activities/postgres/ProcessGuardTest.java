package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProcessGuardTest {

    private final AtomicBoolean unwanted = new AtomicBoolean();
    private final Watch watch = new Watch() {
        @Override
        public void progress(Progress now) {}

        @Override
        public void check() {
            if (unwanted.get()) {
                throw new RecoveryFailure(FailureCode.TOOK_TOO_LONG, "it took too long", "");
            }
        }
    };

    @Test
    void theReaderOfAProgramThatIsNoLongerWantedComesToTheEndOfItsOutput() throws Exception {
        Process process = withChild();
        try (ProcessGuard guard = new ProcessGuard(process, watch);
                BufferedReader lines = lines(process)) {
            lines.readLine();

            unwanted.set(true);
            assertThat(process.onExit().get(20, TimeUnit.SECONDS).exitValue()).isNotZero();

            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void whatTheProgramStartedIsEndedWithIt() throws Exception {
        Process process = withChild();
        try (ProcessGuard guard = new ProcessGuard(process, watch);
                BufferedReader lines = lines(process)) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();
            assertThat(child.isAlive()).isTrue();

            unwanted.set(true);

            await().atMost(Duration.ofSeconds(20)).until(() -> !child.isAlive());
        }
    }

    /** As {@code runuser} and {@code pg_restore --jobs} are: one that waits for others, which hold its output too. */
    private static Process withChild() throws Exception {
        return new ProcessBuilder("sh", "-c", "sleep 600 & echo $!; wait").start();
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
