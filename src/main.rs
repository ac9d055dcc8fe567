use fixpath::*;
fn main(){
    let pack = match std::env::args().nth(1) { Some(d) => content::Pack::load(d.as_ref()).unwrap(), None => content::Pack::shipped() };
    let r = content::read(&pack);
    for p in &r.problems { println!("{p}"); }
    for (slug,s) in &r.kb.symptoms {
        let m = diagnosis::Model::new(&r.kb, &[slug.clone()].into(), &|e| e.likelihood.weight());
        let t=std::time::Instant::now();
        let p = diagnosis::proof::prove(&r.kb, s, &m);
        let t1=t.elapsed();
        let t=std::time::Instant::now();
        let o = diagnosis::optimum::optimum(&m, std::env::var("OPT").map_or(20000, |v| v.parse().unwrap()));
        let t2=t.elapsed();
        let sim = diagnosis::simulation::simulate(&m, 2000, 7);
        println!("{slug:32} causes {:2} paths {:5} longest {:2} exp {:.3} opt {:?} H {:.2} floor {:.2} sim {:.3} {:.3} {:?} {:?}", p.causes,p.paths,p.longest,p.expected_questions,o,p.entropy,p.floor(),sim.first_right,sim.solved_within_three,t1,t2);
        for g in &p.gaps { println!("   gap {g:?}"); }
        for (g,c) in &p.overlaps { println!("   overlap {c:?} {g:?}"); }
        println!("   unreachable {:?} idle {:?}", p.unreachable, p.idle_conditions);
    }
}
