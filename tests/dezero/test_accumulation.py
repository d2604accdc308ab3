"""Gradients over several passes: what is added up, what is retained, what is dropped."""

from samples import slope, variable, with_and_without_graph

from dezero import Variable


@with_and_without_graph
def test_two_passes_add_up(create_graph):
    x = variable(2.0)

    (x**2).backward(create_graph=create_graph)
    (x**3).backward(create_graph=create_graph)

    assert x.grad.data == 4.0 + 12.0


@with_and_without_graph
def test_cleared_between_two_passes_only_the_second_counts(create_graph):
    x = variable(2.0)

    (x**2).backward(create_graph=create_graph)
    x.cleargrad()
    (x**3).backward(create_graph=create_graph)

    assert x.grad.data == 12.0


def test_the_sum_of_two_passes_remembers_both():
    x = variable(2.0)
    (x**2).backward(create_graph=True)
    (x**3).backward(create_graph=True)

    assert slope(x.grad, x).data == 2.0 + 12.0


def test_a_second_pass_without_cleargrad_adds_the_second_derivative_to_the_first():
    x = variable(2.0)
    (x**3).backward(create_graph=True)

    x.grad.backward()

    assert x.grad.data == 12.0 + 12.0  # 3 x² + 6 x


def test_a_plain_pass_onto_a_remembered_gradient_forgets_the_past():
    x = variable(2.0)
    (x**2).backward(create_graph=True)

    (x**3).backward()

    assert x.grad.data == 16.0
    assert x.grad.creator is None


def test_a_gradient_that_was_read_keeps_its_value_and_its_past():
    x = variable(2.0)
    (x**3).backward(create_graph=True)
    gx = x.grad

    (x**2).backward(create_graph=True)

    assert gx.data == 12.0
    assert slope(gx, x).data == 12.0


@with_and_without_graph
def test_retained_gradients_are_variables_of_their_own(create_graph):
    x = variable(2.0)
    a = x**2
    y = a**2

    y.backward(retain_grad=True, create_graph=create_graph)

    assert [type(v.grad) for v in (x, a)] == [Variable] * 2
    assert (y.grad.data, a.grad.data, x.grad.data) == (1.0, 8.0, 32.0)
    assert (a.grad.creator is not None) is create_graph


@with_and_without_graph
def test_gradients_of_computed_variables_are_dropped_once_used(create_graph):
    x = variable(2.0)
    a = x**2
    y = a**2

    y.backward(create_graph=create_graph)
    gx = x.grad
    x.cleargrad()
    gx.backward(create_graph=create_graph)

    assert (a.grad, y.grad) == (None, None)
    if create_graph:
        assert gx.grad is None


def test_a_retained_gradient_can_be_asked_for_gradients():
    x = variable(2.0)
    a = x**2
    (a**3).backward(retain_grad=True, create_graph=True)
    ga = a.grad  # 3 a²
    x.cleargrad()
    a.cleargrad()

    ga.backward(retain_grad=True)

    assert a.grad.data == 6 * 4.0
    assert x.grad.data == 6 * 4.0 * 2 * 2.0


def test_retained_gradients_are_in_the_way_of_the_second_order_until_they_are_cleared():
    x = variable(2.0)
    a = x**2
    y = a**2
    y.backward(retain_grad=True, create_graph=True)
    gx = x.grad
    for v in (x, a, y):
        v.cleargrad()

    gx.backward()

    assert x.grad.data == 48.0  # 12 x²
