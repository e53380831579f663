package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.postgres.KeyActivities;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflowImpl;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerFactoryOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both commands that write headers, against a real Temporal in this process and a worker that only pretends to. */
class KeysRewrapTest {

    private static final List<String> IDS = List.of("0123456789abcdef");

    @TempDir
    Path folder = Path.of("");

    private final TestWorkflowEnvironment temporal =
            TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                    .setUseTimeskipping(false)
                    .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                            .setDataConverter(PayloadMapper.dataConverter())
                            .build())
                    .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                            .setWorkerInterceptors(new FailureTranslator())
                            .build())
                    .build());
    private final Pretending keys = new Pretending();
    private Desk desk = Desk.NOBODY;

    @BeforeEach
    void sitDown() throws IOException {
        desk = new Desk(
                folder, address -> new Gateway(temporal.getWorkflowServiceStubs(), temporal.getNamespace(), () -> {}));
        temporal.newWorker(TaskQueues.RUNBOOKS).registerWorkflowImplementationTypes(InquiryWorkflowImpl.class);
        temporal.newWorker(TaskQueues.postgres("main")).registerActivitiesImplementations(keys);
        temporal.start();
    }

    @AfterEach
    void leave() {
        temporal.close();
    }

    @Test
    void partAfterPartIsDoneToTheEndAndWhatCouldNotBeMakesItFail() {
        keys.answers(part(64, 64, true, "postgres/base/64"), part(10, 3, true, null, "chunk 70 is truncated"));

        Desk.Said said = desk.run("keys", "rewrap", "--yes");

        assertThat(said.exit()).as(said.toString()).isEqualTo(1);
        assertThat(keys.orders).extracting(KeyActivities.RewrapOrder::after).containsExactly(null, "postgres/base/64");
        assertThat(keys.orders).allMatch(order -> order.apply() && order.added() == null);
        assertThat(said.out())
                .contains(
                        "main: wrote the headers of 67 of 74 encrypted objects, for 0123456789abcdef and nobody else",
                        "main: left as it is: chunk 70 is truncated")
                .doesNotContain("do it with");
        assertThat(said.err()).contains("main: 64 objects looked at, 64 rewrapped");
    }

    @Test
    void withoutYesItIsOnlyShownAndSaidHowToDoIt() {
        keys.answers(part(10, 3, true, null));

        Desk.Said said = desk.run("keys", "rewrap");

        assertThat(said.exit()).isZero();
        assertThat(keys.orders).singleElement().matches(order -> !order.apply());
        assertThat(said.out())
                .contains("main: would write the headers of 3 of 10", "do it with 'lifeboat keys rewrap --yes'");
    }

    @Test
    void whatIsDoneAlreadyIsNotAskedForAgain() {
        keys.answers(part(10, 0, true, null));

        assertThat(desk.run("keys", "rewrap").out()).doesNotContain("do it with");
    }

    @Test
    void aWorkerThatWouldLockItselfOutIsToldOf() {
        keys.answers(part(10, 3, false, null));

        assertThat(desk.run("keys", "rewrap").out())
                .contains("the identity of its worker is none of them; it must be changed before the next recovery");
    }

    @Test
    void oneMoreRecipientIsGivenByItsPublicKeyAlone() {
        PrivateKey.Pair pair = PrivateKey.generate(folder.resolve("safe"));
        keys.answers(part(10, 10, true, null));

        Desk.Said said = desk.run("keys", "add-recipient", "safe.pub", "--yes");

        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(keys.orders).singleElement().satisfies(order -> {
            assertThat(order.added()).isEqualTo(pair.publicKey().base64());
            assertThat(order.apply()).isTrue();
        });
        assertThat(said.out()).contains("wrote the headers of 10 of 10 encrypted objects", " as well");
        assertThat(said.err()).contains("add it to bucket.encryption.recipients on every host that backs up");
    }

    @Test
    void aFileThatIsNoPublicKeyIsRefusedAndNobodyIsAsked() {
        PrivateKey.generate(folder.resolve("safe"));

        Desk.Said gone = desk.run("keys", "add-recipient", "gone.pub", "--yes");
        Desk.Said secret = desk.run("keys", "add-recipient", "safe.key", "--yes");

        assertThat(gone.exit()).isEqualTo(2);
        assertThat(gone.err()).contains("gone.pub: there is no such file", "lifeboat: hint: ");
        assertThat(secret.exit()).isEqualTo(2);
        assertThat(secret.err()).contains("safe.key", "lifeboat: hint: ");
        assertThat(keys.orders).isEmpty();
    }

    @Test
    void aWorkerWithoutThePrivateKeySaysSo() {
        keys.refuses(new RecoveryFailure(FailureCode.IDENTITY_MISSING, "cannot rewrap: it has no key", "name it"));

        Desk.Said said = desk.run("keys", "rewrap", "--yes");

        assertThat(said.exit()).as(said.toString()).isEqualTo(8);
        assertThat(said.err()).contains("lifeboat: error: cannot rewrap: it has no key", "lifeboat: hint: name it");
    }

    private static KeyActivities.RewrapPart part(
            int seen, int changed, boolean keepsIdentity, @Nullable String next, String... failures) {
        return new KeyActivities.RewrapPart(seen, changed, List.of(failures), IDS, keepsIdentity, next);
    }

    private static final class Pretending implements KeyActivities {

        private final List<RewrapOrder> orders = new CopyOnWriteArrayList<>();
        private final Deque<RewrapPart> parts = new ArrayDeque<>();
        private @Nullable RecoveryFailure failure;

        void answers(RewrapPart... all) {
            parts.addAll(List.of(all));
        }

        void refuses(RecoveryFailure with) {
            failure = with;
        }

        @Override
        public synchronized RewrapPart rewrap(RewrapOrder order) {
            orders.add(order);
            if (failure != null) {
                throw failure;
            }
            return parts.remove();
        }
    }
}
