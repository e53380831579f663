package dev.lifeboat.workflows.contract.doctor;

import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Examines one subject, one thing after the other: what cannot even be looked at has failed, and the rest goes on. */
public final class Examinations {

    private final String subject;
    private final List<Examination> found = new ArrayList<>();

    public Examinations(String subject) {
        this.subject = subject;
    }

    /** @param todo what to do if it is not right */
    public record Seen(String words, Verdict verdict, String todo) {

        public Seen(String words, boolean right, String todo) {
            this(words, right ? Verdict.PASS : Verdict.FAIL, todo);
        }

        /** Nobody could look: neither well nor ill. */
        public static Seen nothing(String why) {
            return new Seen(why, Verdict.NOT_MEASURED, "");
        }

        public boolean right() {
            return verdict == Verdict.PASS;
        }
    }

    /** @return whether nothing is wrong with it; a {@link RecoveryFailure} while looking counts as failed, with its own hint */
    public boolean examine(String name, String wanted, Supplier<Seen> look) {
        Examination examined;
        try {
            Seen seen = look.get();
            examined = new Examination(
                    subject, name, wanted, seen.words(), seen.verdict(), seen.right() ? "" : seen.todo());
        } catch (RecoveryFailure e) {
            examined = Examination.of(subject, name, wanted, String.valueOf(e.getMessage()), false, e.hint());
        }
        found.add(examined);
        return examined.verdict() != Verdict.FAIL;
    }

    /** Only when {@code possible}; otherwise it is said why nobody looked. */
    public void examineIf(boolean possible, String whyNot, String name, String wanted, Supplier<Seen> look) {
        if (possible) {
            examine(name, wanted, look);
        } else {
            found.add(Examination.notMeasured(subject, name, wanted, whyNot));
        }
    }

    public void add(Examination examination) {
        found.add(examination);
    }

    public List<Examination> found() {
        return List.copyOf(found);
    }
}
