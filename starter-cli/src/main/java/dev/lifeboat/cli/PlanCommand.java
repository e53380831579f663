package dev.lifeboat.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "plan", description = "What a run would do now, on facts read now; changes nothing.")
final class PlanCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "RUNBOOK")
    private String runbook = "";

    @Mixin
    private final InputOptions inputs = new InputOptions();

    PlanCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        RunOrder order = new Inputs(tool, inputs, new StartOptions()).order(runbook);
        Planner.Planned plan = new Planner(tool).examined(order);
        tool.print(Planner.document(order, plan), new PlanText(order, tool.surroundings()).lines(plan));
        return ExitCode.DONE.number();
    }
}
