package dev.lifeboat.activities.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.StepTranscripts.Attempt;
import dev.lifeboat.activities.store.StepTranscripts.Writing;
import dev.lifeboat.workflows.contract.StepCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StepTranscriptsTest {

    private static final String FOLDER = "evidence/pitr-recovery/main.drill/20260822T093107Z_0192-a/";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String LOG = FOLDER + "steps/07-replay-wal-2.log";

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final StepTranscripts transcripts = new StepTranscripts(store, "4711@db-1", () -> List.of("hunter2"));

    @AfterEach
    void end() {
        transcripts.close();
    }

    @Test
    void anAttemptThatEndedHasItsLogInTheFolderOfItsRun() {
        try (Writing writing = transcripts.begin(attempt())) {
            Transcript.note("starts with hunter2");
        }
        Transcript.note("nobody listens any more");

        // Whoever ends waits for two seconds only.
        await().atMost(LIMIT).until(() -> !store.list("evidence/").isEmpty());
        assertThat(store.list("evidence/")).extracting(StoredObject::key).containsExactly(LOG);
        assertThat(text())
                .startsWith(
                        """
                        # replay-wal of pitr-recovery/main/drill@0192-a
                        # call 7, PostgresRecoveryReplayWal, attempt 2, by 4711@db-1
                        """)
                .contains("begins", "starts with ***")
                .doesNotContain("hunter2", "nobody listens");
    }

    @Test
    void anAttemptThatIsKilledLeavesWhatItHadSaid() {
        transcripts.begin(attempt());
        Transcript.note("in the middle of something");

        await().atMost(LIMIT).untilAsserted(() -> assertThat(text()).contains("in the middle of something"));
    }

    @Test
    void aBucketThatIsAwayHoldsNoStepUpAndGetsTheLogWhenItIsBack() {
        store.goAway();
        try (Writing writing = transcripts.begin(attempt())) {
            Transcript.note("done without the bucket");
        }
        store.comeBack();

        await().atMost(LIMIT).untilAsserted(() -> assertThat(text()).contains("done without the bucket"));
    }

    @Test
    void aLogThatComesAfterTheReportDoesNotBreakItsSums() {
        try (Writing writing = transcripts.begin(attempt())) {
            store.put(FOLDER + "SHA256SUMS", "closed".getBytes(UTF_8));
        }

        assertThat(store.list(FOLDER)).extracting(StoredObject::key).containsExactly(FOLDER + "SHA256SUMS");
    }

    private String text() {
        return store.head(LOG).isPresent() ? new String(store.readAll(LOG), UTF_8) : "";
    }

    private static Attempt attempt() {
        return new Attempt(
                "pitr-recovery/main/drill",
                "0192-a",
                new StepCall(Instant.parse("2026-08-22T09:31:07.120Z"), 7, "replay-wal"),
                2,
                "PostgresRecoveryReplayWal");
    }
}
