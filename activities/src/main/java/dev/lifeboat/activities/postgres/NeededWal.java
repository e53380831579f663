package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;

/** The segments that a plan's replay needs, in order, each on the timeline that holds its end. */
record NeededWal(RecoveryPlan plan, WalSegmentSize size) {

    long first() {
        return size.parse(plan.firstSegment()).number();
    }

    long last() {
        return size.parse(plan.lastSegment()).number();
    }

    /** The name under which this part of the log is needed. A segment in which a timeline ends is needed of the next one. */
    String nameOf(long number) {
        if (number == last()) {
            return plan.lastSegment();
        }
        Lsn end = size.endOf(new WalSegment(plan.timeline(), number));
        for (Leg leg : plan.path()) {
            if (leg.until() == null || !end.isAfter(leg.until())) {
                return size.nameOf(new WalSegment(leg.timeline(), number));
            }
        }
        return size.nameOf(new WalSegment(plan.timeline(), number));
    }

    /** True for a segment without which the plan cannot be carried out. */
    boolean needs(String name) {
        if (!WalSegmentSize.isSegmentName(name)) {
            return false;
        }
        long number = size.parse(name).number();
        return number >= first() && number <= last() && nameOf(number).equals(name);
    }
}
