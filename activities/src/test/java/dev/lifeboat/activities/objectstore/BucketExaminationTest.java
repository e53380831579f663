package dev.lifeboat.activities.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BucketExaminationTest {

    private static final String LATER_THAN_ANY_TEST = "29991231T000000Z";

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void aStoreThatDoesItsWorkPassesAndIsLeftAsItWas() {
        store.put("postgres/base/main/7/x/manifest.json", new byte[] {1});

        List<Examination> found = examine(store);

        assertThat(found).hasSize(6).allSatisfy(check -> assertThat(check.verdict())
                .isEqualTo(Verdict.PASS));
        assertThat(store.list("")).hasSize(1);
    }

    @Test
    void eachLieIsFoundByItsOwnCheck() {
        assertOnlyFailed("conditional write", lying(Map.of("putIfAbsent", true)));
        assertOnlyFailed("read", lying(Map.of("readAll", new byte[] {9})), "conditional write");
        assertOnlyFailed("list", lying(Map.of("list", List.of())));
        assertOnlyFailed("delete", lying(Map.of("head", Optional.of(new ObjectStore.StoredObject("x", 1)))));
        assertOnlyFailed("clock", lying(Map.of("clock", Optional.of(Instant.parse("2001-01-01T00:00:00Z")))));
    }

    @Test
    void aClockThatTheStoreDoesNotTellHasNotPassed() {
        assertThat(examine(lying(Map.of("clock", Optional.empty()))))
                .filteredOn(check -> check.name().equals("clock"))
                .extracting(Examination::verdict)
                .containsExactly(Verdict.NOT_MEASURED);
    }

    @Test
    void whereNothingCanBeWrittenTheRestIsNotMeasured() {
        RecoveryFailure denied = new RecoveryFailure(FailureCode.OBJECT_STORE_UNREACHABLE, "access denied", "look");

        List<Examination> found = examine(lying(Map.of("put", denied)));

        assertThat(found.get(0).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(found.get(0).found()).isEqualTo("access denied");
        assertThat(found.get(0).todo()).isEqualTo("look");
        assertThat(found.subList(1, found.size())).hasSize(5).allSatisfy(check -> assertThat(check.verdict())
                .isEqualTo(Verdict.NOT_MEASURED));
    }

    @Test
    void whatAKilledDoctorLeftIsRemovedAndWhatAnotherOneUsesNowIsNot() {
        store.put("doctor/20010101T000000Z-a.probe", new byte[] {1});
        store.put("doctor/" + LATER_THAN_ANY_TEST + "-b.probe", new byte[] {1});

        examine(store);

        assertThat(store.list("doctor/")).singleElement().satisfies(left -> assertThat(left.key())
                .contains(LATER_THAN_ANY_TEST));
    }

    private static List<Examination> examine(ObjectStore store) {
        return new BucketExamination(store, Clock.system(ZoneOffset.UTC)).run();
    }

    private static void assertOnlyFailed(String name, ObjectStore lying, String... also) {
        assertThat(examine(lying))
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .extracting(Examination::name)
                .contains(name)
                .isSubsetOf(
                        java.util.stream.Stream.concat(java.util.stream.Stream.of(name), java.util.Arrays.stream(also))
                                .toList());
    }

    /** A working store that answers some methods always the same, or fails in them. */
    private ObjectStore lying(Map<String, Object> answers) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    if (answer instanceof RecoveryFailure failure) {
                        throw failure;
                    }
                    try {
                        Object real = method.invoke(store, arguments);
                        return answer == null ? real : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }
}
